import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPool, openStore, type Store, TimeoutError } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import type { TestDatabase } from '../servers/databases.ts'
import { createMigrated } from '../servers/migrated.ts'
import { observedDatabase } from './postgres/observed-database.ts'
import { thrown } from './thrown.ts'

/** Every method that reads, as one call each. */
const everyRead: Record<
  string,
  (store: Store, limits: { signal?: AbortSignal; statementTimeoutMs?: number }) => Promise<unknown>
> = {
  'traces.get': (store, limits) => store.traces.get('t0', limits),
  'traces.list': (store, limits) => store.traces.list({ ...limits, metadata: { path: 'plan', eq: 'none' } }),
  'traces.count': (store, limits) => store.traces.count({ ...limits, name: { contains: 'nothing' } }),
  'traces.stream': (store, limits) => store.traces.stream({ ...limits, name: 'nothing' }).next(),
  'traces.records': (store, limits) => store.traces.records({ ...limits, name: 'nothing' }).next(),
  'traces by spans': (store, limits) => store.traces.list({ ...limits, hasSpan: { toolName: 'nobody' } }),
  'spans.get': (store, limits) => store.spans.get('t0', 's0', limits),
  'spans.list': (store, limits) => store.spans.list({ ...limits, attributes: { path: 'a', eq: 'nothing' } }),
  'spans.list in another order': (store, limits) => store.spans.list({ ...limits, orderBy: 'duration' }),
  'spans.list of content': (store, limits) => store.spans.list({ ...limits, input: { contains: 'nothing' } }),
  'spans.count': (store, limits) => store.spans.count(limits),
  'spans.ofTrace': (store, limits) => store.spans.ofTrace('t0', limits),
  'spans.children': (store, limits) => store.spans.children('t0', 's0', limits),
  'spans.subtree': (store, limits) => store.spans.subtree('t0', 's0', limits),
  'spans.pathToRoot': (store, limits) => store.spans.pathToRoot('t0', 's0', limits),
  'spans.messages': (store, limits) => store.spans.messages('t0', 's0', limits),
  'sessions.get': (store, limits) => store.sessions.get('nobody', limits),
  'sessions.list': (store, limits) => store.sessions.list({ ...limits, orderBy: 'cost' }),
  'sessions.count': (store, limits) => store.sessions.count(limits),
  'sessions.stream': (store, limits) => store.sessions.stream(limits).next(),
  'analytics.usage': (store, limits) => store.analytics.usage({ ...limits, by: ['model'], bucket: 'hour' }),
  'analytics.latency': (store, limits) => store.analytics.latency({ ...limits, by: ['tool'] }),
  'analytics.runs': (store, limits) => store.analytics.runs({ ...limits, by: ['agent'] }),
  'analytics.statistics': (store, limits) => store.analytics.statistics(limits),
  'results.get': (store, limits) => store.results.get('r', limits),
  'results.list': (store, limits) => store.results.list({ ...limits, failing: true }),
  'results.count': (store, limits) => store.results.count(limits),
  'results.statistics': (store, limits) => store.results.statistics(limits),
  'results.trend': (store, limits) => store.results.trend(limits),
  'results.compare': (store, limits) => store.results.compare({ runId: 'a' }, { runId: 'b' }, limits),
  'results.flaky': (store, limits) => store.results.flaky(limits),
  'logs.get': (store, limits) => store.logs.get('l', limits),
  'logs.list': (store, limits) => store.logs.list({ ...limits, eventName: { contains: 'nothing' } }),
  'logs.search': (store, limits) => store.logs.search('nothing', limits),
  'logs.count': (store, limits) => store.logs.count(limits),
  'logs.countByLevel': (store, limits) => store.logs.countByLevel(limits),
  'logs.statistics': (store, limits) => store.logs.statistics(limits),
  'metrics.get': (store, limits) => store.metrics.get('m', undefined, limits),
  'metrics.list': (store, limits) => store.metrics.list(limits),
  'metrics.count': (store, limits) => store.metrics.count(limits),
  'metrics.latest': (store, limits) => store.metrics.latest('m', limits),
  'metrics.series': (store, limits) => store.metrics.series('m', { ...limits, bucket: 'day' }),
  'metrics.aggregate': (store, limits) => store.metrics.aggregate('m', limits),
  'metrics.compare': (store, limits) => store.metrics.compare('m', { ...limits, since: '2026-11-01T00:00:00Z' }),
  'metrics.percentiles': (store, limits) => store.metrics.percentiles('m', limits),
}
const names = Object.keys(everyRead)
const readOf = (name: string) => everyRead[name] as (typeof everyRead)[string]

describeBackends('limits of a read', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { cache: true })
  })
  afterAll(() => store.close())

  it('end every method that reads with the reason of its signal', async () => {
    const reason = new Error('nobody waits')
    const outcomes = await Promise.all(
      names.map(async (name) => [name, await thrown(readOf(name)(store, { signal: AbortSignal.abort(reason) }))]),
    )
    expect(outcomes).toEqual(names.map((name) => [name, reason]))
  })

  it('change nothing where they are not reached, also of an answer that is cached', async () => {
    const limits = { signal: new AbortController().signal, statementTimeoutMs: 60_000 }
    for (const name of names) {
      expect([name, await readOf(name)(store, limits)]).toEqual([name, await readOf(name)(store, {})])
    }
  })

  it('refuse a timeout that is none', async () => {
    for (const statementTimeoutMs of [0, 1.5, -1, Number.NaN, 2 ** 31]) {
      const failure = await thrown(store.analytics.usage({ statementTimeoutMs }))
      expect(failure).toMatchObject({ code: 'validation', message: expect.stringContaining('statementTimeoutMs') })
    }
  })
})

describe('a statement on PostgreSQL that is ended', () => {
  const { open } = observedDatabase('read-limits')
  const running = `select query from pg_stat_activity
    where query like '%pg_sleep(99)%' and state = 'active' and pid <> pg_backend_pid()`

  it('ends on the server, and the next statement is not hit', async () => {
    const pool = await open()
    for (const limits of [() => ({ statementTimeoutMs: 50 }), () => ({ signal: AbortSignal.timeout(50) })]) {
      const failures = await Promise.all([
        thrown(pool.rows('select pg_sleep(99)', [], limits())),
        thrown(pool.snapshot([{ text: 'select pg_sleep(99)', params: [] }], limits())),
      ])
      expect(failures.map(({ name }) => name)).toEqual(['TimeoutError', 'TimeoutError'])
      expect(await Promise.all(Array.from({ length: 10 }, (_, n) => pool.rows(`select ${n}`, [])))).toHaveLength(10)
      await expect.poll(() => pool.rows(running, [])).toEqual([])
    }
    await pool.close()
  })
})

describe('questions to SQLite', () => {
  let database: TestDatabase
  let store: Store

  beforeAll(async () => {
    database = await createMigrated.sqlite()
    store = await openStore(database.url, { readThreads: 1 })
    const times = { startTime: '2026-11-20T10:00:00Z', endTime: '2026-11-20T10:00:01Z' }
    await store.writers.spans.write({ traceId: 't', spanId: 's', name: 'n', ...times, input: 'said' })
    copySpans(database.url.replace('sqlite:', ''), 100_000)
  })
  afterAll(async () => {
    await store.close()
    await database.drop()
  })

  it('never stop the event loop', async () => {
    const overSpans = names.filter((name) => /^spans.(count|list)|^analytics.(usage|latency)/.test(name))
    expect(overSpans).toHaveLength(6)
    const stopped = []
    for (const name of overSpans) if ((await turnsDuring(() => readOf(name)(store, {}))) === 0) stopped.push(name)
    expect(stopped).toEqual([])
  })

  it('give all rows of a long answer', async () => {
    const rows = await store.pool.rows('select span_id from tracehold_spans order by rowid', [])
    expect(rows).toHaveLength(100_001)
    expect(rows.at(-1)).toEqual(['s100000'])
  })

  it('end with their signal and with their time, and let go of the thread', async () => {
    // Each condition reads the document of each row.
    const or = Array.from({ length: 200 }, (_, n) => ({ input: { contains: `nothing ${n}` } }))
    const controller = new AbortController()
    const ended = thrown(store.spans.list({ or, signal: controller.signal }))
    const waiting = store.spans.count()
    controller.abort(new Error('enough'))
    expect(await ended).toMatchObject({ message: 'enough' })
    expect(await waiting).toBe(100_001)
    expect(await thrown(store.spans.list({ or, statementTimeoutMs: 20 }))).toBeInstanceOf(TimeoutError)
    expect(await store.spans.count()).toBe(100_001)
  })

  it('are answered on the event loop where no thread is wanted, and end with the store', async () => {
    const alone = await openStore(database.url, { readThreads: 0 })
    expect(await turnsDuring(() => alone.spans.count())).toBe(0)
    await alone.close()
    const closed = await openPool({ url: database.url })
    await closed.close()
    expect(await thrown(closed.rows('select 1', [], { isLong: true }))).toMatchObject({ code: 'pool' })
  })
})

/** How often the event loop went round while a call had not answered. */
async function turnsDuring(call: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let isRunning = true
  const turn = () => {
    if (!isRunning) return
    turns += 1
    setImmediate(turn)
  }
  setImmediate(turn)
  await call()
  isRunning = false
  return turns
}

/** Copies the one span, each copy a trace of its own: many rows in little time. */
function copySpans(path: string, copies: number): void {
  const database = new Database(path)
  database.function('tracehold_pulse', () => 1)
  const columns = (database.pragma('table_info(tracehold_spans)') as { name: string }[]).map(({ name }) => name)
  const values = columns.map((name) => {
    if (name === 'trace_id') return `'t' || n`
    if (name === 'span_id') return `'s' || n`
    return name === 'start_time' ? 'start_time + n * 1000' : `"${name}"`
  })
  const names = columns.map((name) => `"${name}"`)
  database.exec(`with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${copies})
    insert into tracehold_spans (${names}) select ${values} from tracehold_spans, numbers where span_id = 's'`)
  database.close()
}
