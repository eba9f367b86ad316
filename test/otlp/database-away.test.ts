import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { type OtlpHandlerOptions, otlpHandler } from '../../src/otlp/index.ts'
import { runs } from '../runs.ts'
import { createMigrated } from '../servers/migrated.ts'
import { cutAt, TcpProxy } from '../servers/tcp-proxy.ts'
import { type Endpoint, protobuf, rightSpan, send, spanRequest } from './send.ts'

// PostgreSQL, since only a server can go away: what the endpoint makes of a failed write is the same on every engine.
describe('an OTLP endpoint whose database goes away', () => {
  let database: Awaited<ReturnType<typeof createMigrated.postgres>>
  let proxy: TcpProxy
  let store: Store
  beforeEach(async () => {
    database = await createMigrated.postgres()
    proxy = await TcpProxy.open(database.url)
    store = await openStore(proxy.url, { writers: { retryDelayMs: 1, maxRetryDelayMs: 20 } })
  })
  afterEach(async () => {
    await store.close()
    await proxy.close()
    await database.drop()
  })

  const sendSpan = (handler: Endpoint, n: number) => send(handler, { type: protobuf, body: spanRequest(rightSpan(n)) })
  const opened = (options: OtlpHandlerOptions = {}) => otlpHandler(store, options)

  /** The ids that the database holds, asked without the proxy. */
  async function storedIds(): Promise<string[]> {
    const direct = await openStore(database.url)
    try {
      const { spans } = direct.tables
      const rows: { spanId: string }[] = await direct.db.select({ spanId: spans.spanId }).from(spans)
      return rows.map(({ spanId }) => spanId).sort()
    } finally {
      await direct.close()
    }
  }
  const idsOf = (numbers: number[]) => numbers.map((n) => rightSpan(n).spanId).sort()

  it('answers with 503 and a time while it is silent, and stores each request once when it is back', async () => {
    const handler = opened({ commitTimeoutMs: 100 })
    expect((await sendSpan(handler, 0)).status).toBe(200)
    proxy.blackhole()
    const answers = await Promise.all([1, 2, 3].map((n) => sendSpan(handler, n)))
    for (const { status, headers, body } of answers) {
      expect({ status, retryAfter: headers.get('retry-after') }).toEqual({ status: 503, retryAfter: '5' })
      expect(body).toMatchObject({ code: 14, message: expect.stringContaining('nothing is stored twice') })
    }
    proxy.resume()
    const patient = opened()
    for (const n of [1, 2, 3]) expect((await sendSpan(patient, n)).status).toBe(200)
    expect(await storedIds()).toEqual(idsOf([0, 1, 2, 3]))
  })

  it('counts what waits for it, and refuses more than fits', async () => {
    const handler = opened({ commitTimeoutMs: 50, maxBytes: 1000, maxPendingBytes: 4000 })
    proxy.blackhole()
    const statuses: number[] = []
    for (let n = 0; n < 6; n += 1) statuses.push((await sendSpan(handler, n)).status)
    expect(statuses).toEqual([503, 503, 503, 429, 429, 429])
    proxy.resume()
    // What waited is stored, which makes room again.
    await expect.poll(async () => (await sendSpan(handler, 0)).status, { timeout: 20_000 }).toBe(200)
    expect((await storedIds()).length).toBeGreaterThanOrEqual(3)
  })

  it('repeats a commit whose reply was lost, and stores nothing twice', async () => {
    proxy.onServerData = cutAt('COMMIT')
    expect((await sendSpan(opened(), 0)).status).toBe(200)
    expect(await storedIds()).toEqual(idsOf([0]))
  })

  it('has everything that it answered with 200, however often connections break', async () => {
    const handler = opened({ commitTimeoutMs: 200 })
    const stored: number[] = []
    const sent = runs(120, 3000)
    let next = 0
    const client = async () => {
      while (next < sent) {
        const n = next
        next += 1
        if (n % 9 === 4) proxy.cutAll()
        // As an exporter does: again, until it is stored.
        for (let status = 0; status !== 200; ) {
          status = (await sendSpan(handler, n)).status
          expect([200, 429, 503]).toContain(status)
          if (status === 200) stored.push(n)
        }
      }
    }
    await Promise.all([client(), client(), client(), client()])
    expect(stored.length).toBe(sent)
    expect(await storedIds()).toEqual(idsOf(stored))
  })
})
