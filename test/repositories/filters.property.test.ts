import { getTableColumns } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { builtInMetrics } from '../../src/repositories/metric-built-in.ts'
import { sessionOrders } from '../../src/repositories/session-sums.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackends } from '../backends.ts'
import { collect } from '../collect.ts'
import { runs, runsOn } from '../runs.ts'
import { expectCloseTo } from './close-to.ts'
import { grouped, latencyOf, runsOf, usageOf } from './evaluate-analytics.ts'
import { fits, type Rows } from './evaluate-filter.ts'
import { idsOf, ordered, sessionsOf } from './evaluate-list.ts'
import { randomRecords, spanFilters, traceFilters } from './random-data.ts'
import { logFilters, metricFilters, ordersOf, pointFilters, randomOthers, resultFilters } from './random-records.ts'

const orders = ordersOf('time', 'duration', 'cost', 'tokens')
const batches = fc.integer({ min: 25, max: 200 })

describeBackends('any filter gives what a plain evaluation gives', (backend) => {
  let store: Store
  let rows: Rows

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    const { traces, spans } = randomRecords(42, 80)
    const { results, logs, metrics, metricPoints } = randomOthers(43, 150)
    await store.writers.traces.write(traces)
    await store.writers.spans.write(spans)
    await store.writers.results.write(results)
    await store.writers.logs.write(logs)
    await store.writers.metrics.write(metrics)
    await store.writers.metricPoints.write(metricPoints)
    // Another tenant's rows, which nothing may show.
    const { writers } = store.forProject('other')
    await writers.spans.write(spans.slice(0, 50))
    await writers.results.write(results.slice(0, 50))
    await writers.logs.write(logs.slice(0, 50))
    await writers.metrics.write([{ name: 'latency_ms', type: 'counter' }])
    await writers.metricPoints.write(metricPoints.slice(0, 50))
    rows = await storedRows(store)
  })
  afterAll(() => store.close())

  it(
    'traces: lists, counts, streams, runs and statistics',
    async () => {
      await fc.assert(
        fc.asyncProperty(traceFilters, orders, batches, async (filter, order, batch) => {
          const expected = ordered('traces', found('traces', filter), order)
          const offset = batch % 7
          const [streamed, count, page, groups, { latency, ...statistics }] = await Promise.all([
            collect(store.traces.stream({ ...filter, ...order, batch })),
            store.traces.count(filter),
            store.traces.list({ ...filter, ...order, limit: batch, offset }),
            store.analytics.runs({ ...filter, by: ['agent'], bucket: 'week' }),
            store.analytics.statistics(filter),
          ])
          expect(idsOf('traces', streamed)).toEqual(idsOf('traces', expected))
          expect(count).toBe(expected.length)
          expect(idsOf('traces', page.items)).toEqual(idsOf('traces', expected.slice(offset, offset + batch)))
          expectCloseTo(
            groups,
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
          const expected = ordered('spans', found('spans', filter), order)
          const [streamed, count, usage, latency] = await Promise.all([
            collect(store.spans.stream({ ...filter, ...order, batch })),
            store.spans.count(filter),
            store.analytics.usage({ ...filter, by: ['kind', 'model'] }),
            store.analytics.latency({ ...filter, by: ['status'], bucket: 'day' }),
          ])
          expect(idsOf('spans', streamed)).toEqual(idsOf('spans', expected))
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

  it(
    'results: lists, counts, streams, statistics and follow',
    async () => {
      const anyOrder = ordersOf('time', 'duration', 'score', 'name')
      await fc.assert(
        fc.asyncProperty(resultFilters, anyOrder, batches, async (filter, order, batch) => {
          const expected = ordered('results', found('results', filter), order)
          const offset = batch % 7
          const [streamed, count, page, [statistics], followed] = await Promise.all([
            collect(store.results.stream({ ...filter, ...order, batch })),
            store.results.count(filter),
            store.results.list({ ...filter, ...order, limit: batch, offset }),
            store.results.statistics(filter),
            collect(store.follow('results', { filter, once: true })),
          ])
          expect(idsOf('results', streamed)).toEqual(idsOf('results', expected))
          expect(count).toBe(expected.length)
          expect(idsOf('results', page.items)).toEqual(idsOf('results', expected.slice(offset, offset + batch)))
          expect(statistics?.results ?? 0).toBe(expected.length)
          const items = followed.flatMap((each) => each.items)
          expect(idsOf('results', items).sort()).toEqual(idsOf('results', expected).sort())
        }),
        { numRuns: runsOn(backend, 100, 1000), seed: 9 },
      )
    },
    runs(120_000, 1_200_000),
  )

  it(
    'logs: lists, counts, streams, statistics and follow',
    async () => {
      await fc.assert(
        fc.asyncProperty(logFilters, ordersOf('time', 'severity'), batches, async (filter, order, batch) => {
          const expected = ordered('logs', found('logs', filter), order)
          const offset = batch % 7
          const [streamed, count, page, [statistics], levels, followed] = await Promise.all([
            collect(store.logs.stream({ ...filter, ...order, batch })),
            store.logs.count(filter),
            store.logs.list({ ...filter, ...order, limit: batch, offset }),
            store.logs.statistics(filter),
            store.logs.countByLevel(filter),
            collect(store.follow('logs', { filter, once: true })),
          ])
          expect(idsOf('logs', streamed)).toEqual(idsOf('logs', expected))
          expect(count).toBe(expected.length)
          expect(idsOf('logs', page.items)).toEqual(idsOf('logs', expected.slice(offset, offset + batch)))
          expect(statistics?.logs ?? 0).toBe(expected.length)
          expect(Object.values(levels).reduce((sum, each) => sum + each, 0)).toBe(expected.length)
          const items = followed.flatMap((each) => each.items)
          expect(idsOf('logs', items).sort()).toEqual(idsOf('logs', expected).sort())
        }),
        { numRuns: runsOn(backend, 100, 1000), seed: 10 },
      )
    },
    runs(120_000, 1_200_000),
  )

  it(
    'points: lists, counts, streams, aggregates and follow',
    async () => {
      await fc.assert(
        fc.asyncProperty(pointFilters, ordersOf('time', 'value'), batches, async (filter, order, batch) => {
          const expected = ordered('metricPoints', found('metricPoints', filter), order)
          const offset = batch % 7
          const [streamed, count, page, [aggregate], followed] = await Promise.all([
            collect(store.metrics.stream({ ...filter, ...order, batch })),
            store.metrics.count(filter),
            store.metrics.listPoints({ ...filter, ...order, limit: batch, offset }),
            store.metrics.aggregates(filter),
            collect(store.follow('metricPoints', { filter, once: true })),
          ])
          expect(idsOf('metricPoints', streamed)).toEqual(idsOf('metricPoints', expected))
          expect(count).toBe(expected.length)
          expect(idsOf('metricPoints', page.items)).toEqual(
            idsOf('metricPoints', expected.slice(offset, offset + batch)),
          )
          expect(aggregate?.count ?? 0).toBe(expected.length)
          const items = followed.flatMap((each) => each.items)
          expect(idsOf('metricPoints', items).sort()).toEqual(idsOf('metricPoints', expected).sort())
        }),
        { numRuns: runsOn(backend, 100, 1000), seed: 11 },
      )
    },
    runs(120_000, 1_200_000),
  )

  it(
    'metrics: lists, counts and streams, the built-in ones among them',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          metricFilters,
          ordersOf('name'),
          fc.integer({ min: 2, max: 12 }),
          async (filter, order, batch) => {
            const expected = ordered('metrics', found('metrics', filter), { direction: 'asc', ...order })
            const [streamed, count, page] = await Promise.all([
              collect(store.metrics.streamDescriptions({ ...filter, ...order, batch })),
              store.metrics.countDescriptions(filter),
              store.metrics.list({ ...filter, ...order, limit: batch, offset: 1 }),
            ])
            expect(idsOf('metrics', streamed)).toEqual(idsOf('metrics', expected))
            expect(count).toBe(expected.length)
            expect(idsOf('metrics', page.items)).toEqual(idsOf('metrics', expected.slice(1, 1 + batch)))
          },
        ),
        { numRuns: runsOn(backend, 100, 500), seed: 12 },
      )
    },
    runs(120_000, 1_200_000),
  )

  it(
    'sessions: lists, counts and streams',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          traceFilters,
          ordersOf(...sessionOrders),
          fc.integer({ min: 1, max: 3 }),
          async (filter, order, batch) => {
            const expected = sessionsOf(found('traces', filter), order)
            const [streamed, count, page] = await Promise.all([
              collect(store.sessions.stream({ ...filter, ...order, batch })),
              store.sessions.count(filter),
              store.sessions.list({ ...filter, ...order, limit: batch, offset: 1 }),
            ])
            expectCloseTo(
              streamed.map(({ sessionId, traces, costUsd }) => ({ sessionId, traces, costUsd })),
              expected,
            )
            expect(count).toBe(expected.length)
            expect(page.items.map(({ sessionId }) => sessionId)).toEqual(
              expected.slice(1, 1 + batch).map(({ sessionId }) => sessionId),
            )
          },
        ),
        { numRuns: runsOn(backend, 100, 500), seed: 13 },
      )
    },
    runs(120_000, 1_200_000),
  )

  const found = <E extends keyof Rows>(entity: E, filter: object): Rows[E][number][] =>
    (rows[entity] as readonly Rows[E][number][]).filter((row) => fits(rows, entity, row, filter))
})

/** Every row of the project as it is stored, and the built-in metrics that nobody described. */
async function storedRows({ db, tables }: Store): Promise<Rows> {
  const all = async <E extends keyof Rows>(entity: E): Promise<Rows[E]> => {
    const table = tables[entity] as unknown as PgTable
    const found = await db.select(getTableColumns(table)).from(table)
    return (found as { projectId?: string }[]).filter(({ projectId }) => projectId === 'default') as unknown as Rows[E]
  }
  const metrics = await all('metrics')
  const described = new Set(metrics.map(({ name }) => name))
  return {
    traces: await all('traces'),
    spans: await all('spans'),
    results: await all('results'),
    metrics: [...metrics, ...builtInMetrics.filter(({ name }) => !described.has(name))],
    metricPoints: await all('metricPoints'),
    logs: await all('logs'),
  }
}
