import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isoFromMicros } from '../schema/time.ts'
import { type NewSpan, openStore, type Store } from '../src/index.ts'
import type { Bench, BenchOptions, Section } from './bench.ts'
import { type Contender, interleave, median } from './interleave.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { comparison, rounded } from './report.ts'
import { chunked } from './rows.ts'

const firstStart = 1_796_000_000_000_000
const fewSpans = 100
const batchSpans = 10
/** Batches of one size in a run: one costs a few milliseconds. */
const batches = 40

/** What it costs that traces grow while they run, and that spans of several levels report the same usage. */
export const growthBench: Bench = {
  name: 'growth',
  about: 'one long trace that grows, spans written first as running, and usage on several levels',
  async run(options) {
    const sections: Section[] = []
    for (const engine of ['sqlite', 'postgres'] as const) {
      const place = await (engine === 'sqlite' ? onFile() : onServer())
      try {
        sections.push(await intoLongTrace(engine, place, options))
        sections.push(await asItGrows(engine, place, options))
        sections.push(await withUsage(engine, place, options))
      } finally {
        await place.close()
      }
    }
    return sections
  },
}

/** A database whose traces are each in a project of their own, so that nothing has to be emptied. */
interface Place {
  project(): Store
  checkpoint(): Promise<void>
  close(): Promise<void>
}

let projects = 0
const projectOn = (store: Store) => () => {
  projects += 1
  return store.forProject(`growth-${projects}`)
}

async function onFile(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
  const store = await openStore(`sqlite:${join(directory, 'growth.db')}`, { migrate: true })
  const close = async () => {
    await store.close()
    await rm(directory, { recursive: true })
  }
  return { project: projectOn(store), checkpoint: async () => {}, close }
}

async function onServer(): Promise<Place> {
  const database = await openPostgresDatabase()
  return { project: projectOn(database.store), checkpoint: database.checkpoint, close: database.close }
}

/** A span of the one trace: a tree in which each has ten children. */
const span = (n: number, more: Partial<NewSpan> = {}): NewSpan => ({
  traceId: 'long',
  spanId: `s${String(n).padStart(8, '0')}`,
  parentSpanId: n === 0 ? undefined : `s${String(Math.floor((n - 1) / 10)).padStart(8, '0')}`,
  name: 'step',
  kind: n % 10 === 0 ? 'agent' : 'llm',
  status: 'ok',
  model: 'm',
  startTime: isoFromMicros(firstStart + n * 1_000),
  endTime: isoFromMicros(firstStart + n * 1_000 + 500),
  ...(n % 10 !== 0 && { inputTokens: 100 + (n % 7), outputTokens: 10 }),
  ...more,
})

const spans = (count: number, from = 0) => Array.from({ length: count }, (_, n) => span(from + n))

/** Ten spans into a short trace and into a long one, in turns. */
async function intoLongTrace(engine: string, place: Place, { rows, runs }: BenchOptions): Promise<Section> {
  const traces = await Promise.all(
    [fewSpans, rows].map(async (length) => {
      const store = place.project()
      await store.writers.spans.bulk(spans(length), { connections: 1 })
      return { store, length, grown: length, times: [] as number[] }
    }),
  )
  await place.checkpoint()
  for (let batch = 0; batch < batches * runs; batch += 1) {
    for (const trace of traces) {
      // The short one stays short.
      const given = spans(batchSpans, trace.grown)
      trace.grown += batchSpans
      const from = performance.now()
      await trace.store.writers.spans.write(given)
      trace.times.push(performance.now() - from)
    }
  }
  const [short = Number.NaN, long = Number.NaN] = traces.map(({ times }) => median(times))
  return {
    title: `${engine}: ten spans into a trace`,
    table: [['spans in it', 'ms'], ...traces.map(({ length, times }) => [String(length), median(times).toFixed(2)])],
    ratios: { [`growth/${engine}/long-short`]: rounded(long / short) },
  }
}

/** One trace that is written at once, as its spans run and end, and a few spans at a time with the children first. */
async function asItGrows(engine: string, place: Place, options: BenchOptions): Promise<Section> {
  const all = spans(options.rows)
  const running = all.map(({ endTime, status, inputTokens, outputTokens, ...rest }) => ({
    ...rest,
    status: 'running' as const,
  }))
  const contender = (id: string, about: string, parts: readonly (readonly NewSpan[])[]): Contender => {
    let store: Store | undefined
    return {
      id: `${engine}-${id}`,
      about,
      rows: all.length,
      async prepare() {
        store = place.project()
        await place.checkpoint()
      },
      async run() {
        for (const part of parts) await store?.writers.spans.write(part)
        return undefined
      },
      async verify() {
        const trace = await store?.traces.get('long')
        if (trace?.spanCount !== all.length) throw new Error(`Expected ${all.length} spans, found ${trace?.spanCount}.`)
      },
    }
  }
  const thousands = chunked(all, 1_000)
  const live = chunked(running, 1_000).flatMap((part, n) => [part, thousands[n] ?? []])
  const measured = await interleave(
    [
      contender('once', 'each span once, 1000 at a time', thousands),
      contender('live', 'each first running, then complete, 1000 at a time', live),
      contender('tens', 'each span once, 10 at a time, children first', chunked(all.toReversed(), batchSpans)),
    ],
    { ...options, runs: Math.min(options.runs, 2) },
  )
  return comparison(`${engine}: ${options.rows} spans of one trace`, measured, [`${engine}-once`])
}

/** Traces of twenty spans, whose steps and agents repeat the usage of what is below them, and the same without. */
async function withUsage(engine: string, place: Place, options: BenchOptions): Promise<Section> {
  const traceSpans = 20
  const load = (isRepeated: boolean) =>
    Array.from({ length: options.rows }, (_, n): NewSpan => {
      const place = n % traceSpans
      const isCall = place % 3 === 2
      const usage = { inputTokens: 100, outputTokens: 20, totalTokens: 120 }
      return span(n, {
        traceId: `trace-${Math.floor(n / traceSpans)}`,
        spanId: `span-${n}`,
        parentSpanId: place === 0 ? undefined : `span-${n - (isCall ? 1 : place % 3 === 1 ? place : 2)}`,
        kind: place === 0 ? 'agent' : isCall ? 'llm' : 'step',
        ...(isCall || isRepeated ? usage : { inputTokens: undefined, outputTokens: undefined }),
      })
    })
  const contender = (id: string, about: string, given: readonly NewSpan[]): Contender => {
    let store: Store | undefined
    return {
      id: `${engine}-${id}`,
      about,
      rows: given.length,
      async prepare() {
        store = place.project()
        await place.checkpoint()
      },
      async run() {
        await store?.writers.spans.bulk(given, { connections: 1 })
        return undefined
      },
    }
  }
  const measured = await interleave(
    [
      contender('calls', 'usage on model calls alone', load(false)),
      contender('wrappers', 'usage on the agent and the steps as well', load(true)),
    ],
    options,
  )
  return comparison(`${engine}: traces of ${traceSpans} spans`, measured, [`${engine}-calls`])
}
