import type { spans } from '../schema/postgres.ts'
import type { NewSpan } from '../src/rows/records.ts'
import { benchSpans } from './spans.ts'

/** Spans as a service holds them once it has parsed what came in: plain objects, their strings flat. */
export function parsedSpans(count: number, from = 0): NewSpan[] {
  return Array.from(benchSpans(count, { from }), (span) => JSON.parse(JSON.stringify(span)))
}

/** A span with every column that the tables want, for contenders that store rows as they are. */
export type WholeRow = typeof spans.$inferInsert

/** Rows for those contenders: made before the clock runs, which spares them the work. */
export function wholeRows(given: readonly NewSpan[]): WholeRow[] {
  const inMicros = (iso: unknown) => `${String(iso).slice(0, 26)}Z`
  return given.map((span) => {
    const startTime = inMicros(span.startTime)
    const endTime = inMicros(span.endTime)
    return {
      kind: 'other',
      status: 'unset',
      attributes: {},
      ...span,
      projectId: 'default',
      startTime,
      endTime,
      durationMs: Date.parse(endTime) - Date.parse(startTime),
      totalTokens: (span.inputTokens ?? 0) + (span.outputTokens ?? 0),
      writtenAt: '2026-11-20T10:03:00.123456Z',
    } as WholeRow
  })
}

/** Consecutive parts of `size` items. */
export function chunked<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}
