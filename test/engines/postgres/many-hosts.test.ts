import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PostgresPool } from '../../../src/engines/postgres/pool.ts'
import { openPool, openStore, TimeoutError } from '../../../src/index.ts'
import { type PostgresServer, startPostgres } from '../../servers/postgres.ts'
import { openScratch, type Scratch } from '../../servers/scratch.ts'
import { cutAt, TcpProxy } from '../../servers/tcp-proxy.ts'
import { thrown } from '../thrown.ts'

const span = (spanId: string) => ({ traceId: 't', spanId, name: 'n', startTime: new Date() })
const password = 'the-same'
const retry = { maxAttempts: 2, initialDelayMs: 10 }

describe('a URL with several hosts', () => {
  let servers: [PostgresServer, PostgresServer]
  let scratch: Scratch
  const url = (...ports: number[]) =>
    `postgres://tracehold:${password}@${ports.map((port) => `127.0.0.1:${port}`).join(',')}/postgres`

  const run = async (server: PostgresServer, ...statements: string[]) => {
    const client = new pg.Client(server.url)
    await client.connect()
    await client.query('set default_transaction_read_only = off')
    for (const statement of statements) await client.query(statement)
    await client.end()
  }

  beforeAll(async () => {
    scratch = await openScratch()
    const sockets = join(scratch.path, 'sockets')
    await mkdir(sockets)
    await chmod(sockets, 0o777)
    servers = await Promise.all([startPostgres(scratch, { unix_socket_directories: sockets }), startPostgres()])
    for (const server of servers) {
      await (await openStore(server.url, { migrate: true })).close()
      await run(server, `alter user tracehold password '${password}'`)
    }
  })
  afterAll(() => Promise.all([scratch.remove(), servers[1].remove()]))

  it('goes on to the next where one is not there', async () => {
    const store = await openStore(url(1, servers[0].port), { retry: { maxAttempts: 1 } })
    await store.writers.spans.write(span('a'))
    expect(await store.spans.get('t', 'a')).toBeDefined()
    expect(store.pool.location).toBe(`postgres://tracehold@127.0.0.1:1,127.0.0.1:${servers[0].port}/postgres`)
    await store.close()
  })

  it('writes to the one that takes writes, and reads there as well', async () => {
    const [standby, primary] = servers
    const readOnly = new URL(url(standby.port))
    await run({ ...standby, url: readOnly.href }, 'alter system set default_transaction_read_only = on')
    await run({ ...standby, url: readOnly.href }, 'select pg_reload_conf()')
    const store = await openStore(url(standby.port, primary.port), { retry })
    await store.writers.spans.write(span('b'))
    expect(await store.spans.get('t', 'b')).toBeDefined()
    await store.close()
    const direct = await openStore(url(primary.port))
    expect(await direct.spans.get('t', 'b')).toBeDefined()
    await direct.close()

    await run({ ...standby, url: readOnly.href }, 'alter system reset all')
    await run({ ...standby, url: readOnly.href }, 'select pg_reload_conf()')
  })

  it('says so when none takes writes', async () => {
    const [standby] = servers
    const at = { ...standby, url: url(standby.port) }
    await run(at, 'alter system set default_transaction_read_only = on')
    await run(at, 'select pg_reload_conf()')
    const store = openStore(url(standby.port, 1), { retry: { maxAttempts: 1 } })
    await expect(store).rejects.toMatchObject({ code: 'connection', retryable: true })
    await run(at, 'alter system reset all')
    await run(at, 'select pg_reload_conf()')
  })

  it('moves reads and writes to the other when one goes away', async () => {
    const [first, second] = servers
    const store = await openStore(url(first.port, second.port), { retry, writers: { retryDelayMs: 10 } })
    await store.writers.spans.write(span('before'))
    await first.stop()
    await store.writers.spans.write(span('after'))
    expect(await store.spans.get('t', 'after')).toBeDefined()
    expect((await store.health()).ok).toBe(true)
    await first.start()
    await store.close()
  })

  it('may be the folder of a Unix socket', async () => {
    const folder = join(scratch.path, 'sockets')
    const bySocket = `postgres://tracehold:${password}@${encodeURIComponent(folder)}:${servers[0].port}/postgres`
    for (const at of [bySocket, `postgres://tracehold:${password}@/postgres?host=${folder}&port=${servers[0].port}`]) {
      const store = await openStore(at, { tls: { mode: 'require' } })
      await store.writers.spans.write(span('socket'))
      expect(await store.spans.get('t', 'socket')).toBeDefined()
      expect(store.stats().size).toBeGreaterThanOrEqual(2)
      await store.close()
    }
  })

  describe('whose network fails while a connection is asked whether it writes', () => {
    const question = 'transaction_read_only'
    let proxy: TcpProxy
    let pool: PostgresPool
    const write = (deadlineMs?: number) =>
      pool.withConnection('write', (connection) => connection.query('select 1'), deadlineMs)

    beforeEach(async () => {
      proxy = await TcpProxy.open(servers[1].url)
      const opened = await openPool({ url: url(proxy.port, proxy.port), retry })
      if (!(opened instanceof PostgresPool)) throw new Error('not postgres')
      pool = opened
    })
    // It ends only where every connection was given back.
    afterEach(async () => {
      await pool.close(100)
      await proxy.close()
    })

    it('goes on to the next when the connection is lost', async () => {
      proxy.onClientData = cutAt(question)
      expect((await write()).rowCount).toBe(1)
      expect(pool.stats()).toMatchObject({ active: 0, size: 1 })
    })

    it('fails when it is lost each time, and writes when the network is back', async () => {
      proxy.onClientData = cutAt(question, Number.POSITIVE_INFINITY)
      for (let n = 0; n <= pool.maxWriters; n += 1) {
        expect(await thrown(write())).toMatchObject({ code: 'connection', retryable: true })
      }
      proxy.onClientData = undefined
      expect((await write()).rowCount).toBe(1)
    })

    it('ends calls at their deadline when nothing answers, and writes when the network is back', async () => {
      proxy.onClientData = (chunk) => (chunk.includes(question) ? 'drop' : 'pass')
      for (let n = 0; n <= pool.maxWriters; n += 1) expect(await thrown(write(100))).toBeInstanceOf(TimeoutError)
      await expect.poll(() => pool.stats().active).toBe(0)
      proxy.onClientData = undefined
      expect((await write()).rowCount).toBe(1)
    })
  })
})
