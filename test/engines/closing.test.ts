import { describe, expect, inject, it } from 'vitest'
import { ClickHousePool } from '../../src/engines/clickhouse/pool.ts'
import { PostgresPool } from '../../src/engines/postgres/pool.ts'
import { SqlitePool } from '../../src/engines/sqlite/pool.ts'
import {
  Migrator,
  openPool,
  openStore,
  type Pool,
  PoolError,
  SpanWriter,
  TimeoutError,
  TraceRepository,
} from '../../src/index.ts'
import { type Backend, describeBackends } from '../backends.ts'
import { TcpProxy } from '../servers/tcp-proxy.ts'
import { thrown } from './thrown.ts'

/** A write transaction that runs until `end` is called. */
function openTransaction(pool: Pool) {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const run = async () => {
    await ended
    return 'done'
  }
  return { call: hold(pool, run), end }
}

function hold(pool: Pool, run: () => Promise<string>): Promise<string> {
  if (pool instanceof SqlitePool || pool instanceof PostgresPool) return pool.transaction('hold', run)
  if (!(pool instanceof ClickHousePool)) throw new Error(`no way to hold a pool of ${pool.name}`)
  // An insert of no rows, which runs as long as they might come.
  const rows = async function* () {
    await run()
    yield Buffer.alloc(0)
  }
  return pool.insertBinary('spans', ['name'], rows()).then(() => 'done')
}

const migrated = async (backend: Backend) => {
  return openPool({ url: await backend.migrated() })
}

describeBackends('closing a pool', (backend) => {
  it('waits for calls that run', async () => {
    const pool = await migrated(backend)
    const { call, end } = openTransaction(pool)
    await expect.poll(() => pool.stats().active).toBe(1)
    const closed = pool.close()
    end()
    await closed
    expect(await call).toBe('done')
  })

  it('lets calls that wait for their turn run too', async () => {
    const pool = await migrated(backend)
    const calls = Array.from({ length: 12 }, () => openTransaction(pool))
    const closed = pool.close()
    for (const { end } of calls) end()
    await closed
    for (const { call } of calls) expect(await call).toBe('done')
  })

  it('cuts off at the deadline what has not ended, and what waits behind it', async () => {
    const pool = await migrated(backend)
    const calls = Array.from({ length: 12 }, () => openTransaction(pool))
    const failures = Promise.all(calls.map(({ call }) => thrown(call)))
    await expect.poll(() => pool.stats().active).toBeGreaterThan(0)
    const started = performance.now()
    await pool.close(100)
    // In SQLite a transaction ends when its work looks at the file again.
    for (const { end } of calls) end()
    for (const error of await failures) expect(error).toBeInstanceOf(PoolError)
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  it('twice is closing once', async () => {
    const pool = await migrated(backend)
    expect(pool.close()).toBe(pool.close())
    await pool.close()
    await expect(pool.close()).resolves.toBeUndefined()
  })

  it('makes every later call fail with a PoolError', async () => {
    const pool = await migrated(backend)
    const traces = new TraceRepository(pool)
    await traces.list()
    await pool.close()
    expect(await thrown(traces.list())).toBeInstanceOf(PoolError)
    expect(await thrown(traces.get('t'))).toBeInstanceOf(PoolError)
    expect(await thrown(openTransaction(pool).call)).toBeInstanceOf(PoolError)
    expect(await thrown(new Migrator(pool).migrate())).toBeInstanceOf(PoolError)
    const span = { traceId: 't', spanId: 's', name: 'n', startTime: new Date() }
    expect(await thrown(new SpanWriter(pool).write(span))).toBeInstanceOf(PoolError)
    expect(await pool.health()).toMatchObject({ ok: false, error: expect.stringMatching(/closed/) })
  })

  it('stores first what a store’s writers hold, of all projects', async () => {
    const url = await backend.migrated()
    const store = await openStore(url, { migrate: true, writers: { ack: 'queued', maxAgeMs: 60_000 } })
    const span = { traceId: 't', spanId: 's', name: 'n', startTime: new Date() }
    await store.writers.spans.write(span)
    await store.forProject('other').writers.spans.write(span)
    await store.close()
    await store.close()

    const again = await openStore(url)
    expect(await again.traces.get('t')).toBeDefined()
    expect(await again.forProject('other').traces.get('t')).toBeDefined()
    await again.close()
  })
})

describe('an unused pool', () => {
  it('closes at once', async () => {
    const pool = await openPool({ url: 'postgres://app@127.0.0.1:1/app' })
    await pool.close()
  })
})

describe('a PostgreSQL pool whose server accepts and never answers', () => {
  it.each([
    ['a call waits for the connection', undefined],
    ['the call that wanted the connection is over', 50],
  ])('closes at its deadline while %s', async (_, callDeadlineMs) => {
    const proxy = await TcpProxy.open(inject('servers').postgresUrl)
    proxy.blackhole()
    const pool = await openPool({ url: proxy.url, connectTimeoutMs: 30_000 })
    if (!(pool instanceof PostgresPool)) throw new Error('not postgres')
    const failure = thrown(pool.withConnection('write', async () => {}, callDeadlineMs))
    await expect.poll(() => proxy.connections).toBe(1)
    if (callDeadlineMs) expect(await failure).toBeInstanceOf(TimeoutError)
    const started = performance.now()
    await pool.close(100)
    expect(performance.now() - started).toBeLessThan(3_000)
    if (!callDeadlineMs) expect(await failure).toBeInstanceOf(PoolError)
    expect(pool.stats().size).toBe(0)
    await proxy.close()
  })
})
