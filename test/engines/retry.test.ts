import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { type PostgresServer, startPostgres } from '../servers/postgres.ts'
import { TcpProxy } from '../servers/tcp-proxy.ts'
import { thrown } from './thrown.ts'

const span = (spanId: string) => ({ traceId: 't', spanId, name: 'n', startTime: new Date() })
/** Long enough for a server's start on a slow machine. */
const patient = { maxAttempts: 100, initialDelayMs: 20, maxDelayMs: 200 }

describe('a server that is not up yet', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.remove())

  it('is waited for when a store opens', async () => {
    await server.stop()
    const opening = openStore(server.url, { retry: patient, migrate: true })
    await server.start()
    const store = await opening
    await store.writers.spans.write(span('a'))
    await store.close()
  })

  it.each(['stop', 'kill'] as const)('is waited for by reads and writes after a %s', async (way) => {
    const store = await openStore(server.url, { retry: patient, migrate: true, writers: { maxAttempts: 1 } })
    await store.writers.spans.write(span('before'))
    await store.spans.list()
    await server[way]()
    // A write on a connection whose loss is not seen yet is for the writer to try again, which this one does not.
    await expect.poll(() => store.pool.stats().size).toBe(0)
    const reads = Promise.all([store.spans.get('t', 'before'), store.traces.list(), store.spans.list()])
    const write = store.writers.spans.write(span(`after-${way}`))
    await server.start()
    expect((await reads)[0]).toBeDefined()
    await write
    expect(store.writers.spans.stats()).toMatchObject({ stored: 2, retries: 0, dropped: 0 })
    await store.close()
  })

  it('is waited for as long as the options say', async () => {
    await server.stop()
    const startMs = performance.now()
    const options = { maxAttempts: 1, initialDelayMs: 60_000 }
    expect(await thrown(openStore(server.url, { retry: options }))).toMatchObject({ retryable: true })
    const three = { maxAttempts: 3, initialDelayMs: 1, maxDelayMs: 1 }
    expect(await thrown(openStore(server.url, { retry: three }))).toMatchObject({ retryable: true })
    expect(performance.now() - startMs).toBeLessThan(5_000)
    await server.start()
  })
})

describe('what will not pass', () => {
  it.each<[string, Partial<URL>]>([
    ['a wrong password', { password: 'wrong' }],
    ['an unknown database', { pathname: '/nothing' }],
  ])('%s is tried once', async (_, change) => {
    const proxy = await TcpProxy.open(inject('servers').postgresUrl)
    const seen = new Set<object>()
    proxy.onClientData = (_chunk, link) => {
      seen.add(link)
      return 'pass'
    }
    const url = Object.assign(new URL(proxy.url), change).href
    const error = await thrown(openStore(url, { tls: { mode: 'disable' }, retry: { maxAttempts: 50 } }))
    expect(error).toMatchObject({ code: 'connection', retryable: false })
    expect(seen.size).toBe(1)
    await proxy.close()
  })
})
