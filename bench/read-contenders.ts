import type { NewSpan } from '../src/index.ts'
import type { Section } from './bench.ts'
import { type Contender, type Measured, median } from './interleave.ts'
import { rounded } from './report.ts'
import { benchSpans } from './spans.ts'

/** Reads of one run: enough that a pause does not decide. */
const reads = 400
/** Spans of a trace. */
export const spansPerTrace = 20
/** When the first span starts. */
export const firstStart = Date.UTC(2026, 9, 1)
export const dayMs = 86_400_000
/** All spans lie within this time, however many there are. */
export const daysOfData = 30

/** Spans of `rows` rows over a month. */
export function* monthOfSpans(rows: number): Generator<NewSpan> {
  const step = (daysOfData * dayMs * spansPerTrace) / rows
  let n = 0
  for (const span of benchSpans(rows, { spansPerTrace })) {
    const start = firstStart + Math.floor(n / spansPerTrace) * step + (n % spansPerTrace) * 50
    n += 1
    yield { ...span, startTime: new Date(start), endTime: new Date(start + 40) }
  }
}

/** The id of a trace of `benchSpans`. */
export const traceIdOf = (trace: number) => (trace + 1).toString(16).padStart(32, '0')

type Read = (n: number) => Promise<unknown>

/** Something that is read many times. */
export const contender = (id: string, about: string, read: Read, times = reads): Contender => ({
  id,
  about,
  rows: times,
  async run() {
    for (let n = 0; n < times; n += 1) await read(n)
    return undefined
  },
})

/** A table of microseconds a read, and ratios of times: 1 is as long as the other, less is faster. */
export function timesOf(
  title: string,
  engine: string,
  measured: readonly Measured[],
  pairs: Record<string, string>,
): Section {
  const micros = (one: Measured) => (median(one.seconds) / one.rows) * 1e6
  const ratios: Record<string, number> = {}
  const table = measured.map((one) => {
    const other = measured.find(({ id }) => id === pairs[one.id])
    const ratio = other && micros(one) / micros(other)
    if (ratio !== undefined && other) ratios[`${engine}-${one.id}/${other.id}`] = rounded(ratio)
    return [one.id, one.about, micros(one).toFixed(0), ratio?.toFixed(2) ?? '']
  })
  return { title, table: [['', '', 'us', 'x time'], ...table], ratios }
}
