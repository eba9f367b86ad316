import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClickHousePoolOptions } from '../../../src/engines/clickhouse/options.ts'
import type { ClickHousePool } from '../../../src/engines/clickhouse/pool.ts'
import { ConnectionError, openPool, openStore, type StorageError, TimeoutError } from '../../../src/index.ts'
import { type ClickHouseServer, startClickHouse } from '../../servers/clickhouse.ts'
import { TcpProxy } from '../../servers/tcp-proxy.ts'
import { thrown } from '../thrown.ts'

let server: ClickHouseServer
beforeAll(async () => {
  server = await startClickHouse('geheim')
})
afterAll(() => server.stop())

const open = async (url: string, options: ClickHousePoolOptions = {}) =>
  (await openPool({ url, ...options })) as ClickHousePool

const span = (traceId: string) => ({
  traceId,
  spanId: 's',
  name: 'chat',
  startTime: new Date(),
  input: 'x'.repeat(999),
})

describe('ClickHouse over HTTP', () => {
  it.each(['none', 'gzip'] as const)('stores and reads, compression: %s', async (compression) => {
    const store = await openStore(server.url(`compression_${compression}`), { migrate: true, compression })
    await store.writers.spans.write(Array.from({ length: 200 }, (_, i) => span(`t${i}`)))
    expect(await store.traces.count()).toBe(200)
    expect(await store.traces.get('t7')).toMatchObject({ spanCount: 1, spans: [{ input: 'x'.repeat(999) }] })
    expect(store.pool.location).toBe(`clickhouse://default@127.0.0.1:${server.port}/compression_${compression}`)
    await store.close()
  })

  it('asks with parameters of any size', async () => {
    const pool = await open(await server.create())
    const [[length] = []] = await pool.rows('select length({p0:String})', ['ü'.repeat(300_000)])
    expect(length).toBe(600_000)
    const text = 'tab\tline\nquote\'"\\ null\\N & ünï 🚀'
    expect(await pool.rows('select {p0:String}, {p1:Nullable(String)}', [text, null])).toEqual([[text, null]])
    await pool.close()
  })

  it('says that the password is wrong', async () => {
    const pool = await open(server.url('default').replace('geheim', 'falsch'))
    const error = await thrown(pool.rows('select 1', []))
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toMatchObject({ recovery: 'stop', message: expect.stringMatching(/Check the user and the password/) })
    expect(await pool.health()).toMatchObject({ ok: false, error: expect.not.stringContaining('falsch') })
    await pool.close()
  })

  it('says that the database is missing, and makes it when it migrates', async () => {
    const url = server.url('not_there')
    const pool = await open(url)
    expect(await thrown(pool.rows('select 1', []))).toMatchObject({
      code: 'connection',
      message: expect.stringMatching(/tracehold migrate.*creates the database/),
    })
    await pool.close()
    await (await openStore(url, { migrate: true })).close()
  })

  it('says that nobody listens', async () => {
    const pool = await open('clickhouse://127.0.0.1:1/d')
    expect(await thrown(pool.rows('select 1', []))).toMatchObject({ code: 'connection', recovery: 'retry' })
    await pool.close()
  })
})

describe('a wire that fails', () => {
  let proxy: TcpProxy
  let pool: ClickHousePool
  beforeAll(async () => {
    const url = await server.create()
    proxy = await TcpProxy.open(url)
    pool = await open(proxy.url, { statementTimeoutMs: 500 })
    await pool.command('create table t (a Int64) engine = MergeTree order by a')
  })
  afterAll(async () => {
    await pool.close()
    await proxy.close()
  })

  it('is a failure that may be tried again, and the next call goes on', async () => {
    proxy.onServerData = () => 'cut'
    const error = await thrown(pool.rows('select 1', []))
    expect(error).toBeInstanceOf(ConnectionError)
    expect((error as StorageError).retryable).toBe(true)
    proxy.onServerData = undefined
    expect(await pool.rows('select 1', [])).toEqual([[1]])
  })

  it('cut in the middle of an insert is the same', async () => {
    proxy.onClientData = () => 'cut'
    const rows = function* () {
      for (let i = 0; i < 20; i += 1) yield Buffer.alloc(64 * 1024)
    }
    const error = await thrown(pool.insertBinary('t', ['a'], rows()))
    expect(error).toMatchObject({ code: 'connection', recovery: 'retry' })
    proxy.onClientData = undefined
    expect(await pool.rows('select count() from t', [])).toEqual([[0]])
  })

  it('that falls silent is a timeout', async () => {
    proxy.onServerData = () => 'drop'
    expect(await thrown(pool.rows('select 1', []))).toBeInstanceOf(TimeoutError)
    proxy.onServerData = undefined
    expect(await pool.rows('select 1', [])).toEqual([[1]])
  })

  it('leaves a slow statement to the server, which stops it', async () => {
    const error = await thrown(pool.rows('select count() from numbers(100000000000) where sipHash64(number) = 1', []))
    expect(error).toMatchObject({ code: 'timeout', message: expect.stringContaining('CLICKHOUSE_159') })
  })
})

describe('what is not ClickHouse', () => {
  const answering = async (answer: RequestListener) => {
    const http = createServer(answer).listen(0, '127.0.0.1')
    await once(http, 'listening')
    const pool = await open(`clickhouse://u:secret@127.0.0.1:${(http.address() as AddressInfo).port}/d`)
    const error = await thrown(pool.rows('select {p0:String}', ['content']))
    await pool.close()
    http.close()
    return error as StorageError
  }

  it.each([429, 502, 503, 504])('a proxy’s %i may be tried again, and its page is not told', async (status) => {
    const error = await answering((_, response) => response.writeHead(status).end('<html>secret page</html>'))
    expect(error).toMatchObject({ code: 'connection', recovery: 'retry' })
    expect(error.message).toMatch(/a proxy, or another server/)
    expect(error.message).not.toMatch(/secret|content/)
  })

  it.each([
    [202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'retry'],
    [252, 'TOO_MANY_PARTS', 'retry'],
    [241, 'MEMORY_LIMIT_EXCEEDED', 'retry'],
    [27, 'CANNOT_PARSE_INPUT_ASSERTION_FAILED', 'bisect'],
    [243, 'NOT_ENOUGH_SPACE', 'stop'],
    [47, 'UNKNOWN_IDENTIFIER', 'stop'],
    [497, 'ACCESS_DENIED', 'stop'],
  ])('its error %i (%s): %s', async (code, type, recovery) => {
    const error = await answering((_, response) => {
      response.writeHead(500, { 'x-clickhouse-exception-code': String(code) })
      response.end(`Code: ${code}. DB::Exception: Something: In scope SELECT 'content'. (${type}) (version 26.7)`)
    })
    expect(error).toMatchObject({ code: 'query', recovery })
    expect(error.message).toContain(`CLICKHOUSE_${code}`)
    expect(error.message).not.toMatch(/content/)
  })

  it('an answer that is cut off is no answer', async () => {
    const error = await answering((_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('[1]\n')
      setImmediate(() => response.destroy())
    })
    expect(error).toMatchObject({ code: 'connection', recovery: 'retry' })
  })
})
