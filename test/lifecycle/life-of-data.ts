import { and, eq, gte } from 'drizzle-orm'
import { vi } from 'vitest'
import { isoFromMicros } from '../../schema/time.ts'
import type { NewSpan, Store } from '../../src/index.ts'

/** When the test's data begins: long ago, whatever the day. */
export const firstDay = Date.UTC(2025, 0, 1)
const dayMs = 86_400_000

/** An instant of a day, in row format. */
export const onDay = (day: number, ms = 0): string => isoFromMicros((firstDay + day * dayMs + ms) * 1000)

/** Spans of a trace that begins on a day: a root and its children. */
export const spansOn = (traceId: string, day: number, { count = 3, more = {} }: SpansOptions = {}): NewSpan[] =>
  Array.from({ length: count }, (_, n) => ({
    traceId,
    spanId: `${traceId}-${n}`,
    parentSpanId: n === 0 ? null : `${traceId}-0`,
    name: n === 0 ? 'run' : 'chat',
    kind: n === 0 ? 'agent' : 'llm',
    startTime: onDay(day, n),
    endTime: onDay(day, n + 1),
    inputTokens: n,
    ...more,
  }))

interface SpansOptions {
  count?: number
  more?: Partial<NewSpan>
}

/** A trace that begins on a day. */
export type TraceOn = readonly [traceId: string, day: number, more?: Partial<NewSpan>]

/** Writes traces with one of everything that belongs to them, each table in one call. */
export async function writeWhole(store: Store, traces: readonly TraceOn[], count = 3): Promise<void> {
  const { writers } = store
  const each = traces.map(([traceId, day]) => ({ traceId, time: onDay(day) }))
  await Promise.all([
    writers.spans.write(traces.flatMap(([traceId, day, more = {}]) => spansOn(traceId, day, { count, more }))),
    writers.events.write(each.map((own) => ({ ...own, spanId: `${own.traceId}-0`, ordinal: 0, name: 'tick' }))),
    writers.results.write(each.map((own) => ({ ...own, resultId: `of ${own.traceId}`, name: 'good' }))),
    writers.logs.write(each.map((own) => ({ ...own, logId: `of ${own.traceId}`, body: `about ${own.traceId}` }))),
  ])
}

/** Which rows there are, by table: the ids of their traces, else their own. */
export async function storedIds(store: Store): Promise<Record<string, string[]>> {
  const { traces, spans, events, results, logs, metricPoints } = store.tables
  const ids = async (rows: PromiseLike<{ id: string | null }[]>) =>
    [...new Set((await rows).map(({ id }) => String(id)))].sort()
  const { db } = store
  return {
    traces: await ids(db.select({ id: traces.traceId }).from(traces).where(eq(traces.projectId, store.projectId))),
    spans: await ids(db.select({ id: spans.traceId }).from(spans).where(eq(spans.projectId, store.projectId))),
    events: await ids(db.select({ id: events.traceId }).from(events).where(eq(events.projectId, store.projectId))),
    results: await ids(db.select({ id: results.resultId }).from(results).where(eq(results.projectId, store.projectId))),
    logs: await ids(db.select({ id: logs.logId }).from(logs).where(eq(logs.projectId, store.projectId))),
    metricPoints: await ids(
      db.select({ id: metricPoints.pointId }).from(metricPoints).where(eq(metricPoints.projectId, store.projectId)),
    ),
  }
}

/**
 * Waits until everything that is stored counts as stored before now. Transactions of other tests on the same server are
 * part of that.
 */
export async function untilSettled({ pool, projectId }: Store): Promise<void> {
  await vi.waitUntil(
    async () => {
      const { horizon } = await pool.primary.commitOrder.now()
      for (const entity of ['traces', 'spans', 'events', 'results', 'logs', 'metricPoints'] as const) {
        const table = pool.tables[entity] as Store['tables']['logs']
        const since = gte(table.commitSeq, pool.dialect.commit(horizon))
        if ((await pool.db.$count(table, and(eq(table.projectId, projectId), since))) > 0) return false
      }
      return true
    },
    { timeout: 30_000, interval: 5 },
  )
}

/** What a store holds of whole traces, written by `writeWhole`, and nothing else. */
export const wholeTraces = (...traceIds: string[]) => ({
  traces: traceIds,
  spans: traceIds,
  events: traceIds,
  results: traceIds.map((id) => `of ${id}`),
  logs: traceIds.map((id) => `of ${id}`),
  metricPoints: [],
})
