import { and, asc, count, desc, eq, gte } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore } from '../../src/store/open-store.ts'
import { type Backend, describeBackends, type KnownDifference } from '../backends.ts'
import { type Explainer, openExplainer } from './explain.ts'

const orderKeys: KnownDifference = {
  backend: 'clickhouse',
  because: 'order keys stand in for indexes of rows, and it plans without statistics',
}

/** Queries that an app writes itself, on a database that nobody has analyzed. */
function ownQueries(backend: Backend): void {
  let explainer: Explainer

  beforeAll(async () => {
    const store = await openStore(backend.url(), { migrate: true })
    await store.writers.spans.write(
      Array.from({ length: 4_000 }, (_, n) => ({
        traceId: `t${Math.floor(n / 20)}`,
        spanId: `s${n}`,
        name: 'n',
        startTime: new Date(Date.UTC(2026, 10, 1) + n),
        userId: `u${Math.floor(n / 200)}`,
      })),
    )
    explainer = await openExplainer(backend.url(), store.pool)
    await store.close()
  })
  afterAll(() => explainer.close())

  const key = (table: 'traces' | 'spans') =>
    expect.stringMatching(new RegExp(`${table}_.*pk|autoindex_tracehold_${table}`))

  it('find by key, however the rows are ordered', async () => {
    const { db, tables } = explainer.pool
    const { spans } = tables
    const own = and(eq(spans.projectId, 'default'), eq(spans.traceId, 't7'))
    for (const query of [
      db.select().from(spans).where(own).orderBy(asc(spans.startTime)),
      db.select({ spans: count() }).from(spans).where(own),
      db
        .select()
        .from(spans)
        .where(and(own, gte(spans.startTime, '2026-01-01T00:00:00.000000Z')))
        .limit(5),
    ]) {
      const [plan] = await explainer.plansOf(async () => await query)
      expect(plan?.indexes, plan?.text).toEqual([key('spans')])
    }
  })

  it('join from the few rows to the many', async () => {
    const { db, tables } = explainer.pool
    const { spans, traces } = tables
    const isOfTrace = and(eq(spans.projectId, traces.projectId), eq(spans.traceId, traces.traceId))
    const ofUser = and(eq(traces.projectId, 'default'), eq(traces.userId, 'u3'))
    const [plan] = await explainer.plansOf(
      async () => await db.select({ name: spans.name }).from(traces).innerJoin(spans, isOfTrace).where(ofUser),
    )
    expect(plan?.indexes, plan?.text).toEqual(expect.arrayContaining(['traces_user', key('spans')]))
  })

  it('read the newest by their index', async () => {
    const { db, tables } = explainer.pool
    const { spans } = tables
    const newest = db.select().from(spans).where(eq(spans.projectId, 'default')).orderBy(desc(spans.startTime)).limit(9)
    const [plan] = await explainer.plansOf(async () => await newest)
    expect(plan?.indexes, plan?.text).toEqual(['spans_start_time'])
  })
}

describeBackends('plans of an app’s own queries', ownQueries, { skipOn: [orderKeys] })
