import { getTableColumns } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SpanRow, TraceRow } from '../../schema/tables.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackends } from '../backends.ts'
import { collect } from '../collect.ts'
import { runs, runsOn } from '../runs.ts'
import { expectCloseTo } from './close-to.ts'
import { grouped, latencyOf, runsOf, usageOf } from './evaluate-analytics.ts'
import { compareBytes, fits, type Rows } from './evaluate-filter.ts'
import { orders, randomRecords, spanFilters, traceFilters } from './random-data.ts'

const columns = { time: 'startTime', duration: 'durationMs', cost: 'costUsd', tokens: 'totalTokens' } as const

/** Rows as a list has them: null last, ties by key. */
function ordered<R extends TraceRow | SpanRow>(
  rows: readonly R[],
  { orderBy = 'time', direction = 'desc' }: { orderBy?: keyof typeof columns; direction?: 'asc' | 'desc' },
): R[] {
  const sign = direction === 'asc' ? 1 : -1
  const key = (row: R) => `${row.traceId}\0${'spanId' in row ? row.spanId : ''}`
  return [...rows].sort((a, b) => {
    const [left, right] = [a[columns[orderBy]], b[columns[orderBy]]]
    if (left === null || right === null) {
      if (left !== right) return left === null ? 1 : -1
    } else if (left !== right) return left < right ? -sign : sign
    return sign * compareBytes(key(a), key(b))
  })
}

const ids = (rows: readonly { traceId: string; spanId?: string }[]) =>
  rows.map((row) => `${row.traceId} ${row.spanId ?? ''}`)

describeBackends('any filter gives what a plain evaluation gives', (backend) => {
  let store: Store
  let rows: Rows

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    const { traces, spans } = randomRecords(42, 80)
    await store.writers.traces.write(traces)
    await store.writers.spans.write(spans)
    // Another tenant's rows, which nothing may show.
    await store.forProject('other').writers.spans.write(spans.slice(0, 50))
    const all = async <T>(table: 'traces' | 'spans') => {
      const found = await store.db
        .select(getTableColumns(store.tables[table]))
        .from(store.tables[table] as Store['tables']['traces'])
      return (found as unknown as (T & { projectId: string })[]).filter((row) => row.projectId === 'default')
    }
    rows = { traces: await all<TraceRow>('traces'), spans: await all<SpanRow>('spans') }
  })
  afterAll(() => store.close())

  it(
    'traces: lists, counts, streams, runs and statistics',
    async () => {
      await fc.assert(
        fc.asyncProperty(traceFilters, orders, fc.integer({ min: 25, max: 200 }), async (filter, order, batch) => {
          const expected = ordered(
            rows.traces.filter((row) => fits(rows, 'traces', row, filter)),
            order,
          )
          const offset = batch % 7
          const [streamed, count, page, runs, { latency, ...statistics }] = await Promise.all([
            collect(store.traces.stream({ ...filter, ...order, batch })),
            store.traces.count(filter),
            store.traces.list({ ...filter, ...order, limit: batch, offset }),
            store.analytics.runs({ ...filter, by: ['agent'], bucket: 'week' }),
            store.analytics.statistics(filter),
          ])
          expect(ids(streamed)).toEqual(ids(expected))
          expect(count).toBe(expected.length)
          expect(ids(page.items)).toEqual(ids(expected.slice(offset, offset + batch)))
          expectCloseTo(
            runs,
            grouped(expected, ['agent'], 'week').map((group) => ({ ...group.key, ...runsOf(group.rows) })),
          )
          expectCloseTo(latency, latencyOf(expected))
          expectCloseTo(statistics, { ...statistics, ...runsOf(expected) })
        }),
        { numRuns: runsOn(backend, 100, 1000), seed: 7 },
      )
    },
    runs(120_000, 1_200_000),
  )

  it(
    'spans: lists, counts, streams, usage and latency',
    async () => {
      await fc.assert(
        fc.asyncProperty(spanFilters, orders, fc.integer({ min: 50, max: 300 }), async (filter, order, batch) => {
          const expected = ordered(
            rows.spans.filter((row) => fits(rows, 'spans', row, filter)),
            order,
          )
          const [streamed, count, usage, latency] = await Promise.all([
            collect(store.spans.stream({ ...filter, ...order, batch })),
            store.spans.count(filter),
            store.analytics.usage({ ...filter, by: ['kind', 'model'] }),
            store.analytics.latency({ ...filter, by: ['status'], bucket: 'day' }),
          ])
          expect(ids(streamed)).toEqual(ids(expected))
          expect(count).toBe(expected.length)
          expectCloseTo(
            usage,
            grouped(expected, ['kind', 'model']).map((group) => ({
              ...group.key,
              ...usageOf(group.rows, rows.traces),
            })),
          )
          const timed = expected.filter((span) => span.durationMs !== null)
          expectCloseTo(
            latency,
            grouped(timed, ['status'], 'day').map((group) => ({ ...group.key, ...latencyOf(group.rows) })),
          )
        }),
        { numRuns: runsOn(backend, 100, 1000), seed: 8 },
      )
    },
    runs(120_000, 1_200_000),
  )
})
