import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { PostgresPool } from '../../../src/engines/postgres/pool.ts'
import { openPool, openStore, type PoolOptions, type Store, TimeoutError } from '../../../src/index.ts'
import { createDatabase, type TestDatabase } from '../../servers/databases.ts'
import { type PostgresServer, startPostgres } from '../../servers/postgres.ts'
import { cutAt, TcpProxy } from '../../servers/tcp-proxy.ts'
import { thrown } from '../thrown.ts'

const span = (spanId: string) => ({ traceId: 't', spanId, name: 'n', startTime: new Date() })
const deadlines = { connectTimeoutMs: 2_000, statementTimeoutMs: 300 }
/** Past this a call counts as hanging: both deadlines with the pool's grace, and a slow machine. */
const patienceMs = 8_000

describe('a network that falls silent', () => {
  let database: TestDatabase
  let proxy: TcpProxy
  let store: Store | undefined

  beforeAll(async () => {
    database = await createDatabase()
    proxy = await TcpProxy.open(database.url)
  })
  afterEach(async () => {
    proxy.resume()
    // What was lost on purpose is said once more.
    await store?.close(500).catch(() => {})
    store = undefined
  })
  afterAll(async () => {
    await proxy.close()
    await database.drop()
  })
  const open = async (options: Partial<PoolOptions> = {}) => {
    store = await openStore(proxy.url, {
      ...deadlines,
      ...options,
      migrate: true,
      writers: { maxAttempts: 1, retryDelayMs: 1 },
    })
    return store
  }

  it('ends a read at its deadline, and later reads work again', async () => {
    const { traces } = await open()
    await traces.list()
    proxy.blackhole()
    const started = performance.now()
    const reads = await Promise.all([thrown(traces.list()), thrown(traces.get('t')), thrown(traces.list())])
    expect(performance.now() - started).toBeLessThan(patienceMs)
    for (const error of reads) expect(error).toMatchObject({ retryable: true })
    expect(reads[0]).toBeInstanceOf(TimeoutError)
    proxy.resume()
    expect(await traces.list()).toMatchObject({ items: [] })
  })

  it('ends a write at its deadline, and later writes work again', async () => {
    const { writers, spans } = await open()
    await writers.spans.write(span('before'))
    proxy.blackhole()
    const started = performance.now()
    const error = await thrown(writers.spans.write(span('lost')))
    expect(performance.now() - started).toBeLessThan(patienceMs)
    expect(error).toBeInstanceOf(TimeoutError)
    proxy.resume()
    await writers.spans.write(span('after'))
    expect(await spans.get('t', 'after')).toBeDefined()
    expect(writers.spans.stats()).toMatchObject({ accepted: 3, stored: 2, dropped: 1, pending: 0 })
  })

  it('lets a store close', async () => {
    const opened = await open()
    await opened.writers.spans.write(span('s'))
    proxy.blackhole()
    await opened.writers.spans.write(span('never'), { ack: 'queued' })
    const started = performance.now()
    // What was queued is lost, and said to be.
    await expect(opened.close(300)).rejects.toThrow()
    expect(performance.now() - started).toBeLessThan(patienceMs)
  })

  it('a reset connection is one failed call', async () => {
    const { writers, traces } = await open()
    await writers.spans.write(span('a'))
    await traces.list()
    proxy.cutAll()
    await delay(0)
    const outcomes = await Promise.allSettled([traces.list(), writers.spans.write(span('b'))])
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'connection', retryable: true })
    }
    await expect.poll(() => traces.list().catch((error: Error) => error.message)).toMatchObject({ items: [{}] })
    await writers.spans.write(span('c'))
  })

  it('a commit whose reply was lost stores the rows once', async () => {
    const { pool } = await open()
    const { SpanWriter } = await import('../../../src/index.ts')
    const writer = new SpanWriter(pool, { retryDelayMs: 1 })
    const before = (await store?.spans.list({ traceId: 'reply' }))?.items.length
    proxy.onServerData = cutAt('COMMIT')
    const rows = [1, 2, 3].map((n) => ({ ...span(`r${n}`), traceId: 'reply' }))
    expect(await writer.write(rows)).toMatchObject({ stored: 3 })
    proxy.onServerData = undefined
    expect(before).toBe(0)
    expect(writer.stats()).toMatchObject({ accepted: 3, stored: 3, retries: 1, pending: 0 })
    expect(await store?.traces.get('reply')).toMatchObject({ spanCount: 3 })
    await writer.close()
  })
})

describe('a server that goes away', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.remove())

  it.each(['kill', 'stop'] as const)('and comes back after a %s is used again', async (way) => {
    const store = await openStore(server.url, { ...deadlines, migrate: true, writers: { retryDelayMs: 1 } })
    const { writers, traces } = store
    await writers.spans.write(span(`${way}-1`))
    await traces.list()
    const held = await openPool({ url: server.url })
    if (!(held instanceof PostgresPool)) throw new Error('not postgres')
    // One transaction waits on the server, one is between two statements: neither may end the process.
    let release = () => {}
    const idle = new Promise<void>((resolve) => {
      release = resolve
    })
    const between = held.transaction('wait', async (connection) => {
      await connection.query('select 1')
      await idle
      await connection.query('select 1')
    })
    const busy = held.transaction('sleep', (connection) => connection.query('select pg_sleep(30)'))
    await expect.poll(() => held.stats().active).toBe(2)
    const failed = Promise.all([thrown(busy), thrown(between)])

    await server[way]()
    release()
    for (const error of await failed) expect(error).toMatchObject({ code: 'connection' })
    expect(await thrown(traces.list())).toMatchObject({ code: 'connection', retryable: true })
    expect((await store.health()).ok).toBe(false)

    await server.start()
    // A stale connection may fail one more read; a write is tried again by itself.
    await expect.poll(() => traces.list().catch(() => null)).toMatchObject({ items: [{}] })
    await writers.spans.write(span(`${way}-2`))
    expect((await store.health()).ok).toBe(true)
    await held.close()
    await store.close()
  })
})
