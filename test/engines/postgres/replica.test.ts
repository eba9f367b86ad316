import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../../src/index.ts'
import { createDatabase, type TestDatabase } from '../../servers/databases.ts'
import { type PostgresServer, startPostgres } from '../../servers/postgres.ts'
import { openScratch, type Scratch } from '../../servers/scratch.ts'
import { startStandby } from '../../servers/standby.ts'
import { TcpProxy } from '../../servers/tcp-proxy.ts'

const span = { spanId: 's', name: 'n', startTime: new Date() }

/** Two databases of their own stand for primary and replica: what is read tells where it was read. */
describe('a replica', () => {
  let primary: TestDatabase
  let copy: TestDatabase
  let proxy: TcpProxy
  let store: Store | undefined

  beforeAll(async () => {
    ;[primary, copy] = await Promise.all([createDatabase(), createDatabase()])
    proxy = await TcpProxy.open(copy.url)
    for (const [{ url }, traceId] of [
      [primary, 'on-primary'],
      [copy, 'on-replica'],
    ] as const) {
      const opened = await openStore(url, { migrate: true })
      await opened.writers.spans.write({ ...span, traceId })
      await opened.close()
    }
  })
  afterEach(async () => {
    proxy.resume()
    await store?.close(500)
    store = undefined
  })
  afterAll(async () => {
    await proxy.close()
    await Promise.all([primary.drop(), copy.drop()])
  })

  const open = async (replicaUrl = proxy.url) => {
    store = await openStore(primary.url, { replicaUrl, statementTimeoutMs: 300, retry: { maxAttempts: 1 } })
    return store
  }
  const read = async ({ traces }: Store) => (await traces.list()).items.map(({ traceId }) => traceId)
  const names = async (of: Store) => {
    const { statusCode, body } = await of.healthReport()
    return [statusCode, body.status, ...body.checks.map(({ name, ok }) => `${name} ${ok ? 'ok' : 'lost'}`)]
  }

  it('takes the reads, while the primary takes the writes', async () => {
    const opened = await open()
    expect(await read(opened)).toEqual(['on-replica'])
    await opened.writers.spans.write({ ...span, traceId: 'on-primary', spanId: 's2' })
    await expect.poll(() => read(opened)).toEqual(['on-replica'])
    expect(await names(opened)).toEqual([200, 'ok', 'postgres ok', 'replica ok'])
    const { size, max, replica } = opened.stats()
    expect(replica).toMatchObject({ active: 0, waiting: 0, utilization: 0, nearCapacity: false })
    expect(replica?.size).toBeGreaterThan(0)
    expect(size).toBeLessThanOrEqual(max)
  })

  it('that is refused is left out: the primary answers, and no read fails', async () => {
    const opened = await open(primary.url.replace(/:\d+\//, ':1/'))
    expect(await Promise.all([read(opened), read(opened)])).toEqual([['on-primary'], ['on-primary']])
    expect(await names(opened)).toEqual([200, 'degraded', 'postgres ok', 'replica lost'])
    expect((await opened.readiness()).statusCode).toBe(200)
  })

  it('with a wrong password is left out, and the report says why', async () => {
    const url = new URL(copy.url)
    url.password = 'hunter2'
    const opened = await open(url.href)
    expect(await read(opened)).toEqual(['on-primary'])
    const { body } = await opened.healthReport()
    expect(body.checks[1]).toMatchObject({ name: 'replica', required: false, error: expect.stringMatching(/password/) })
    expect(JSON.stringify(body)).not.toContain('hunter2')
  })

  it('that is cut off is left out, and comes back', async () => {
    const opened = await open()
    expect(await read(opened)).toEqual(['on-replica'])
    proxy.onClientData = () => 'cut'
    proxy.cutAll()
    expect(await read(opened)).toEqual(['on-primary'])
    proxy.onClientData = undefined
    expect(await read(opened)).toEqual(['on-primary'])
    await expect.poll(() => read(opened), { timeout: 10_000 }).toEqual(['on-replica'])
  })

  it('that falls silent costs its reads one deadline, and later ones nothing', async () => {
    const opened = await open()
    expect(await read(opened)).toEqual(['on-replica'])
    proxy.blackhole()
    expect(await read(opened)).toEqual(['on-primary'])
    const startMs = performance.now()
    expect(await read(opened)).toEqual(['on-primary'])
    expect(performance.now() - startMs).toBeLessThan(1_000)
    expect(await names(opened)).toEqual([200, 'degraded', 'postgres ok', 'replica lost'])
  })

  it('is not asked again for what the fault of a query is', async () => {
    const opened = await open()
    await expect(opened.pool.rows('select nonsense', [])).rejects.toMatchObject({ code: 'query' })
    await expect(opened.pool.rows('select pg_sleep(5)', [])).rejects.toMatchObject({ code: 'timeout' })
    expect(await read(opened)).toEqual(['on-replica'])
  })
})

describe('a standby that is behind', () => {
  let scratch: Scratch
  let server: PostgresServer
  let replicaUrl: string
  beforeAll(async () => {
    scratch = await openScratch()
    server = await startPostgres(scratch)
    await (await openStore(server.url, { migrate: true })).close()
    replicaUrl = await startStandby(server, scratch, 700)
  })
  afterAll(() => scratch.remove())

  const isOnStandby = async ({ pool }: Store) => (await pool.rows('select pg_is_in_recovery()', []))[0]?.[0]

  it('is not read for what this process wrote, until it has it', async () => {
    const writing = await openStore(server.url, { replicaUrl })
    const reading = await openStore(server.url, { replicaUrl })
    expect(await isOnStandby(writing)).toBe(true)
    for (const spanId of ['a', 'b', 'c']) {
      await writing.writers.spans.write({ ...span, traceId: 't', spanId })
      expect(await writing.spans.get('t', spanId)).toBeDefined()
    }
    expect(await isOnStandby(writing)).toBe(false)
    // Another process reads there all the time, and sees it as soon as it is there.
    expect(await isOnStandby(reading)).toBe(true)
    expect(await reading.spans.get('t', 'c')).toBeUndefined()
    await expect.poll(() => isOnStandby(writing), { timeout: 10_000 }).toBe(true)
    expect(await writing.spans.list({ traceId: 't' })).toMatchObject({ items: [{}, {}, {}] })
    expect(await reading.spans.get('t', 'c')).toBeDefined()
    await Promise.all([writing.close(), reading.close()])
  })

  it('is not what is followed: the primary has every commit', async () => {
    const store = await openStore(server.url, { replicaUrl })
    expect(await isOnStandby(store)).toBe(true)
    const other = await openStore(server.url)
    await other.writers.spans.write({ ...span, traceId: 'followed', spanId: 'a' })
    const seen: string[] = []
    for await (const { items } of store.follow('spans', { once: true }))
      seen.push(...items.map(({ traceId }) => traceId))
    expect(seen).toContain('followed')
    await Promise.all([store.close(), other.close()])
  })

  it('is the one that several hosts are asked for only where it will do', async () => {
    const hosts = `${new URL(replicaUrl).host},${new URL(server.url).host}`
    const both = server.url.replace(new URL(server.url).host, hosts)
    const store = await openStore(both)
    await store.writers.spans.write({ ...span, traceId: 't', spanId: 'd' })
    expect(await isOnStandby(store)).toBe(false)
    await store.close()
    const any = await openStore(`${both}?target_session_attrs=any`)
    expect(await isOnStandby(any)).toBe(true)
    await any.close()
  })
})
