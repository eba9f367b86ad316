import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type Store, type StoreOptions } from '../../src/index.ts'
import { type Backend, describeBackendsForProcesses, itExceptOn, type KnownDifference } from '../backends.ts'
import { runs } from '../runs.ts'
import { openRedisServer, type RedisServer } from '../servers/redis.ts'
import { WriterProcess } from './writer-processes.ts'

const hourMs = 3_600_000
const writers = runs(2, 3)
const spansOfWriter = runs(300, 5_000)

/** What a subscription has shown, and how often. */
class Tally {
  readonly times = new Map<string, number>()

  add(rows: readonly { traceId: string; spanId: string }[]): void {
    for (const { traceId, spanId } of rows) {
      const key = `${traceId}/${spanId}`
      this.times.set(key, (this.times.get(key) ?? 0) + 1)
    }
  }

  /** What did not come exactly once. */
  get wrong(): [string, number][] {
    return [...this.times].filter(([, times]) => times !== 1)
  }
}

const smallWrites: KnownDifference = {
  backend: 'clickhouse',
  because:
    'hundreds of writes of five rows take it too long, and what is shown here is the doing of Redis, not of an engine',
}

function wordBetweenProcesses(backend: Backend): void {
  let redis: RedisServer

  beforeAll(async () => {
    redis = await openRedisServer()
    await (await openStore(backend.url(), { migrate: true })).close()
  }, 180_000)
  afterAll(() => redis?.stop())

  /** Tallies what is written, until `count` rows have come and a last one after them. */
  async function follow(store: Store, count: number, onRows: (tally: Tally) => void, pollMs: number): Promise<Tally> {
    const tally = new Tally()
    const subscription = store.subscribe('spans', { after: 'start', pollMs })
    for await (const { items } of subscription) {
      tally.add(items)
      onRows(tally)
      if (tally.times.size >= count) break
    }
    return tally
  }

  /** Starts writers and follows them with a store that hears of them only by word, for it never looks by itself. */
  async function hear(projectId: string, options: Pick<StoreOptions, 'redis' | 'live'>): Promise<void> {
    const store = (await openStore(backend.url(), options)).forProject(projectId)
    const shared = { url: backend.url(), projectId, spans: 20, batch: 1, ...options }
    const process = await WriterProcess.start({ ...shared, name: 'w0' })
    const following = follow(store, 20, () => {}, hourMs)
    process.write()
    expect((await following).wrong).toEqual([])
    await process.end()
    await store.close()
  }

  it('goes through Redis', () => hear('heard', { redis: redis.url }))

  it('comes on one connection that waits at Redis', { timeout: 60_000 }, async () => {
    const admin = new Redis(redis.url)
    const waiting = async () => {
      const clients = String(await admin.client('LIST')).split('\n')
      return clients.filter((client) => / cmd=xread /.test(client)).map((client) => client.split(' ')[0])
    }
    const store = (await openStore(backend.url(), { redis: redis.url })).forProject('waiting')
    const options = { url: backend.url(), projectId: 'waiting', redis: redis.url, spans: 10, batch: 1 }
    const process = await WriterProcess.start({ ...options, name: 'w0' })
    const stop = new AbortController()
    const tally = new Tally()
    const following = (async () => {
      for await (const { items } of store.subscribe('spans', { pollMs: hourMs, signal: stop.signal })) tally.add(items)
    })()
    await expect.poll(waiting).toHaveLength(1)
    const before = await waiting()
    process.write()
    await expect.poll(() => tally.times.size, { timeout: 20_000 }).toBe(10)
    expect(tally.wrong).toEqual([])
    expect(await waiting()).toEqual(before)
    stop.abort()
    await following
    await expect.poll(waiting).toEqual([])
    await Promise.all([process.end(), store.close()])
    admin.disconnect()
  })

  if (backend.name === 'postgres') {
    it('goes through the server where there is no Redis', () => hear('notified', { live: true }))

    it('goes on through the server after it cut the connection', { timeout: 60_000 }, async () => {
      const admin = new pg.Client(backend.url())
      await admin.connect()
      const listeners = async () => {
        const text = `select pid from pg_stat_activity where datname = current_database() and query ilike 'listen %'`
        const { rows } = await admin.query<{ pid: number }>(text)
        return rows.map(({ pid }) => pid)
      }
      const options = { url: backend.url(), projectId: 'cut', live: true, spans: 5, batch: 1 }
      const store = (await openStore(backend.url())).forProject('cut')
      const process = await WriterProcess.start({ ...options, name: 'w0' })
      const following = follow(store, 5, () => {}, hourMs)
      await expect.poll(listeners).toHaveLength(1)
      const [old] = await listeners()
      await admin.query('select pg_terminate_backend($1)', [old])
      await expect
        .poll(async () => (await listeners()).filter((pid) => pid !== old), { timeout: 20_000 })
        .toHaveLength(1)
      process.write()
      expect((await following).wrong).toEqual([])
      // It listens only while somebody waits.
      await expect.poll(listeners).toEqual([])
      await Promise.all([process.end(), store.close(), admin.end()])
    })
  }

  it('that nobody sends costs no row', async () => {
    const store = (await openStore(backend.url())).forProject('silent')
    const shared = { url: backend.url(), projectId: 'silent', spans: 20, batch: 5 }
    const process = await WriterProcess.start({ ...shared, name: 'w0' })
    process.write()
    expect((await follow(store, 20, () => {}, 20)).wrong).toEqual([])
    await process.end()
    await store.close()
  })

  describe('with Redis', () => {
    for (const fault of ['killed and started again', 'flushed', 'stopped for good']) {
      const title = `${fault} in the middle: every record of several processes comes once`
      const test = async () => {
        const own = await openRedisServer()
        const options = { redis: { url: own.url, timeoutMs: 500 } }
        const store = (await openStore(backend.url(), options)).forProject(fault)
        const shared = { url: backend.url(), projectId: fault, spans: spansOfWriter, batch: 5, ...options }
        const started = Array.from({ length: writers }, (_, n) => WriterProcess.start({ ...shared, name: `w${n}` }))
        const processes = await Promise.all(started)
        const total = writers * spansOfWriter
        let trouble: Promise<void> | undefined
        const makeTrouble = async () => {
          if (fault === 'flushed') return void (await store.services.redis?.run('flush', (client) => client.flushall()))
          await own.stop('SIGKILL')
          if (fault !== 'stopped for good') await own.start()
        }
        const following = follow(
          store,
          total,
          ({ times }) => {
            if (times.size >= total / 3) trouble ??= makeTrouble()
          },
          200,
        )
        for (const process of processes) process.write()
        const tally = await following
        expect(tally.times.size).toBe(total)
        expect(tally.wrong).toEqual([])
        expect(trouble).toBeDefined()
        await trouble
        await Promise.all(processes.map((process) => process.end()))
        // Nobody's write waited for Redis: all are done. And nothing more comes.
        expect(processes.map(({ written }) => written)).toEqual(processes.map(() => spansOfWriter))
        for await (const { items } of store.follow('spans', { once: true })) tally.add(items)
        expect([...tally.times.values()].every((times) => times === 2)).toBe(true)
        await store.close()
        await own.stop()
      }
      itExceptOn(backend, smallWrites)(title, test, 120_000)
    }
  })
}

describeBackendsForProcesses('word between processes', wordBetweenProcesses)
