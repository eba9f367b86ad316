import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { asc } from 'drizzle-orm'
import { beforeAll, expect, inject, it } from 'vitest'
import { isoFromMicros } from '../../schema/time.ts'
import {
  type NewEvent,
  type NewSpan,
  openStore,
  type Store,
  type WriteResult,
  type WriterStats,
} from '../../src/index.ts'
import { describeBackendsForProcesses } from '../backends.ts'
import { runs } from '../runs.ts'
import { modelTrace } from './trace-model.ts'

const processes = runs(3, 4)
const program = join(import.meta.dirname, 'write-process.mjs')
const spansPerTrace = 20

const spans: NewSpan[] = Array.from({ length: runs(2_400, 10_000) }, (_, n) => {
  const trace = Math.floor(n / spansPerTrace)
  const start = 1_763_632_980_000_000 + n * 1_000
  return {
    traceId: `trace-${trace}`,
    spanId: `span-${n}`,
    parentSpanId: n % spansPerTrace === 0 ? null : `span-${n - (n % spansPerTrace)}`,
    name: `call ${n}`,
    kind: n % 3 === 0 ? 'tool' : 'llm',
    status: n % 97 === 0 ? 'error' : 'ok',
    startTime: isoFromMicros(start),
    endTime: isoFromMicros(start + 1 + (n % 1_000)),
    inputTokens: n % 1_000,
    outputTokens: n % 7,
    costUsd: (n % 1_000) / 1e4,
    model: 'gpt-4o',
    attributes: { n },
  }
})

const events: NewEvent[] = spans.slice(0, spans.length * 0.4).map(({ traceId, spanId, startTime }) => {
  return { traceId, spanId, ordinal: 0, name: 'message', time: startTime }
})

const expectedTraces = Array.from({ length: spans.length / spansPerTrace }, (_, trace) =>
  modelTrace('default', spans.slice(trace * spansPerTrace, (trace + 1) * spansPerTrace)),
).sort((a, b) => (a.traceId < b.traceId ? -1 : 1))

interface Outcome {
  result: WriteResult
  stats: WriterStats
  failedTries: string[]
}

/** What a process says next. */
async function said(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`a process ended with ${code}`)))
  const [message] = await Promise.race([once(child, 'message'), ended])
  return message
}

describeBackendsForProcesses('processes that write at once', (backend) => {
  let spansFile: string
  let eventsFile: string

  beforeAll(async () => {
    const { directory } = inject('servers')
    spansFile = join(directory, `spans-${backend.name}.json`)
    eventsFile = join(directory, `events-${backend.name}.json`)
    await writeFile(spansFile, JSON.stringify(spans))
    await writeFile(eventsFile, JSON.stringify(events))
  })

  async function writeAtOnce(
    url: string,
    entity: 'spans' | 'events',
    file: string,
    shareOf: number,
  ): Promise<Outcome[]> {
    await (await openStore(url, { migrate: true })).close()
    const children = Array.from({ length: processes }, (_, n) => fork(program, [url, entity, `${n}/${shareOf}`, file]))
    const ended = Promise.all(children.map((child) => once(child, 'exit')))
    // By then every process has loaded its drivers and the rows.
    await Promise.all(children.map(said))
    const saying = children.map(said)
    for (const child of children) child.send('go')
    const outcomes = (await Promise.all(saying)) as Outcome[]
    await ended
    for (const { stats, failedTries } of outcomes) {
      // Nobody saw a deadlock or a busy database, not even in a try that was repeated.
      expect(failedTries).toEqual([])
      expect(stats).toMatchObject({ retries: 0, rejected: 0, dropped: 0, pending: 0 })
      expect(stats.stored + stats.deduplicated).toBe(stats.accepted)
    }
    return outcomes
  }

  async function expectEverything(store: Store) {
    expect(await store.db.$count(store.tables.spans)).toBe(spans.length)
    const { traces } = store.tables
    const rows = await store.db.select().from(traces).orderBy(asc(traces.traceId))
    expect(rows.map(({ createdAt, updatedAt, writtenAt, commitSeq, derived, authoredStamps, ...row }) => row)).toEqual(
      expectedTraces,
    )
  }

  it('the same spans: each is stored once', async () => {
    const url = await backend.fresh()
    await writeAtOnce(url, 'spans', spansFile, 1)
    const store = await openStore(url)
    await expectEverything(store)
    await store.close()
  })

  it('different spans of the same traces: every sum is right', async () => {
    const url = await backend.fresh()
    const outcomes = await writeAtOnce(url, 'spans', spansFile, processes)
    for (const { result } of outcomes) expect(result).toEqual({ stored: spans.length / processes, deduplicated: 0 })
    const store = await openStore(url)
    await expectEverything(store)
    await store.close()
  })

  it('the same events, in different orders', async () => {
    const url = await backend.fresh()
    await writeAtOnce(url, 'events', eventsFile, 1)
    const store = await openStore(url)
    expect(await store.db.$count(store.tables.events)).toBe(events.length)
    await store.close()
  })
})
