import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, type NewSpan, openStore, RedisError, type Store, type StoreOptions } from '../../src/index.ts'
import { RedisPool } from '../../src/redis/redis-pool.ts'
import { describeBackends } from '../backends.ts'
import { thrown } from '../engines/thrown.ts'
import { openRedisServer, type RedisServer } from '../servers/redis.ts'
import { TcpProxy } from '../servers/tcp-proxy.ts'

const span = (traceId: string, spanId: string): NewSpan => ({
  traceId,
  spanId,
  name: 'chat',
  startTime: '2026-11-20T10:00:00Z',
  input: 'a secret of the user',
})

const statsOf = (store: Store) => {
  const stats = store.services.cache?.stats()
  if (!stats) throw new Error('no cache')
  return stats
}

/** Reads until the process has kept the answer: not before Redis has confirmed what was written last. */
const untilHit = (store: Store, read: () => Promise<unknown>) => {
  const before = statsOf(store)
  return expect
    .poll(async () => read().then(() => statsOf(store).hits - before.hits), { timeout: 20_000, interval: 5 })
    .toBeGreaterThan(0)
}

describeBackends(
  'the cache through Redis',
  (backend) => {
    let server: RedisServer
    let direct: Redis

    beforeAll(async () => {
      server = await openRedisServer()
      direct = new Redis(server.url)
      await (await openStore(backend.url(), { migrate: true })).close()
    }, 180_000)
    afterAll(async () => {
      direct?.disconnect()
      await server?.stop()
    })

    const open = (options: StoreOptions = {}) =>
      openStore(backend.url(), { redis: { url: server.url, timeoutMs: 500 }, cache: true, ...options })

    /** Runs `work` with stores, and closes them. */
    const withStores = async (options: StoreOptions[], work: (...stores: Store[]) => Promise<void>) => {
      const stores = await Promise.all(options.map(open))
      try {
        await work(...stores)
      } finally {
        await Promise.all(stores.map((store) => store.close()))
      }
    }

    it('finds what another store has read, equal to what the database says', () =>
      withStores([{}, {}, { cache: false }], async (one, two, plain) => {
        await one?.writers.spans.write([span('shared', 'a'), span('shared', 'b')])
        const reads = [
          (store: Store) => store.traces.get('shared'),
          (store: Store) => store.traces.get('shared', { spans: false }),
          (store: Store) => store.traces.list({ limit: 1000 }),
          (store: Store) => store.analytics.statistics(),
        ]
        for (const read of reads) {
          if (!one || !two || !plain) return
          await read(one)
          // Nobody waits for the answer to be kept.
          await expect
            .poll(async () => read(two).then(() => statsOf(two).sharedHits + statsOf(two).hits))
            .toBeGreaterThan(0)
          expect(await read(two)).toStrictEqual(await read(plain))
          two.services.cache?.clear()
        }
        expect(statsOf(two as Store).sharedHits).toBeGreaterThan(0)
      }))

    it('drops what another process wrote, and keeps the rest', () =>
      withStores([{}, {}], async (one, two) => {
        if (!one || !two) return
        await one.writers.spans.write([span('x', 'a'), span('y', 'a')])
        await untilHit(two, () => two.traces.get('x'))
        await untilHit(two, () => two.traces.get('y'))
        await one.writers.spans.write(span('x', 'b'))
        await expect.poll(async () => (await two.traces.get('x'))?.spans.length).toBe(2)
        const { hits } = statsOf(two)
        await two.traces.get('y')
        expect(statsOf(two).hits).toBe(hits + 1)
      }))

    it('uses what another store has read for no longer than that may be used', () =>
      withStores([{}, {}], async (one, two) => {
        if (!one || !two) return
        await one.writers.spans.write(span('bounded', 'a'))
        await direct.flushall()
        await untilHit(one, () => one.traces.get('bounded'))
        await expect.poll(() => direct.keys('*:answer:*')).toHaveLength(1)
        const [key = ''] = await direct.keys('*:answer:*')
        // As if it had been there for most of its half minute.
        await direct.pexpire(key, 2_000)
        await two.traces.get('bounded')
        expect(statsOf(two)).toMatchObject({ sharedHits: 1, misses: 0 })
        await two.traces.get('bounded')
        expect(statsOf(two)).toMatchObject({ sharedHits: 1, hits: 1, misses: 0 })
        await expect.poll(() => two.traces.get('bounded').then(() => statsOf(two).misses), { timeout: 10_000 }).toBe(1)
      }))

    it('keeps no content in Redis when it is not to be shared', () =>
      withStores([{ cache: { shared: false } }], async (store) => {
        if (!store) return
        await direct.flushall()
        await store.writers.spans.write(span('private', 'a'))
        await untilHit(store, () => store.traces.get('private'))
        for (const key of await direct.keys('*')) {
          const value = (await direct.type(key)) === 'string' ? await direct.get(key) : ''
          expect(value).not.toContain('secret')
        }
      }))

    it('does not mix up databases', async () => {
      const other = await backend.migrated()
      await withStores([{}], async (one) => {
        const elsewhere = await openStore(other, { migrate: true, cache: true, redis: server.url })
        await one?.writers.spans.write(span('same', 'a'))
        await one?.traces.get('same')
        expect(await elsewhere.traces.get('same')).toBeUndefined()
        await elsewhere.close()
      })
    })

    it('is fresh after Redis came back with an older state of itself', { timeout: 60_000 }, async () => {
      const saving = await openRedisServer()
      const admin = new Redis(saving.url)
      await withStores([{ redis: { url: saving.url, timeoutMs: 500 } }], async (store) => {
        if (!store) return
        await store.writers.spans.write(span('older', 'a'))
        await untilHit(store, () => store.traces.get('older'))
        await expect.poll(() => admin.keys('*:answer:*')).toHaveLength(1)
        await admin.save()
        await store.writers.spans.write(span('older', 'b'))
        await store.traces.get('older')
        admin.disconnect()
        await saving.stop('SIGKILL')
        await saving.start()
        // The deletion of the second write is not in what was saved.
        await untilHit(store, async () => expect((await store.traces.get('older'))?.spans).toHaveLength(2))
      })
      await saving.stop()
    })

    describe('a Redis that', () => {
      /** Writes and reads, and no read may miss a write; neither may wait for long. */
      const writeAndRead = async (store: Store, traceId: string) => {
        const started = performance.now()
        for (let n = 1; n <= 5; n += 1) {
          await store.writers.spans.write(span(traceId, `s${n}`))
          expect((await store.traces.get(traceId))?.spans).toHaveLength(n)
        }
        expect(performance.now() - started).toBeLessThan(5_000)
        return store
      }
      const untilBack = (store: Store, traceId: string) =>
        untilHit(store, async () => expect((await store.traces.get(traceId))?.spans).toHaveLength(5))

      it('is not there', () =>
        withStores([{ redis: 'redis://127.0.0.1:1' }], async (store) => {
          await writeAndRead(store as Store, 'none')
          expect(statsOf(store as Store)).toMatchObject({ hits: 0, sharedHits: 0, misses: 0 })
        }))

      it('is lost and comes back', { timeout: 60_000 }, async () => {
        const own = await openRedisServer()
        await withStores([{ redis: { url: own.url, timeoutMs: 500 } }], async (store) => {
          await writeAndRead(store as Store, 'before')
          await own.stop('SIGKILL')
          await writeAndRead(store as Store, 'lost')
          expect((await store?.traces.get('before'))?.spans).toHaveLength(5)
          expect(await store?.services.redis?.check()).toMatchObject({ ok: false })
          await own.start()
          await untilBack(store as Store, 'lost')
          expect(await store?.services.redis?.check()).toMatchObject({ ok: true })
        })
        await own.stop()
      })

      it('does not answer', { timeout: 60_000 }, async () => {
        const proxy = await TcpProxy.open(server.url)
        await withStores([{ redis: { url: proxy.url, timeoutMs: 500 }, cache: { redisWaitMs: 50 } }], async (store) => {
          await writeAndRead(store as Store, 'fast')
          proxy.blackhole()
          await writeAndRead(store as Store, 'slow')
          proxy.resume()
          await untilBack(store as Store, 'slow')
        })
        await proxy.close()
      })

      it('is flushed again and again', () =>
        withStores([{}], async (store) => {
          for (let n = 1; n <= 20; n += 1) {
            await store?.writers.spans.write(span('flushed', `s${n}`))
            const reading = store?.traces.get('flushed')
            await direct.flushall()
            expect((await reading)?.spans).toHaveLength(n)
            expect((await store?.traces.get('flushed'))?.spans).toHaveLength(n)
          }
        }))

      it('is full', async () => {
        const full = await openRedisServer(['--maxmemory', '3mb', '--maxmemory-policy', 'noeviction'])
        const admin = new Redis(full.url)
        await withStores([{ redis: full.url }, { redis: full.url }], async (store, other) => {
          if (!store || !other) return
          await store.writers.spans.write(span('kept', 'a'))
          await store.traces.get('kept')
          for (let n = 0; ; n += 1) {
            const failed = await admin.set(`fill${n}`, 'x'.repeat(n < 100 ? 20_000 : 100)).then(
              () => false,
              () => true,
            )
            if (failed && n >= 100) break
          }
          await writeAndRead(store, 'full')
          // What was kept before can still be dropped.
          await store.writers.spans.write(span('kept', 'b'))
          expect((await store.traces.get('kept'))?.spans).toHaveLength(2)
          await expect.poll(async () => (await other.traces.get('kept'))?.spans.length).toBe(2)
        })
        admin.disconnect()
        await full.stop()
      })

      it('wants another password', async () => {
        const closed = await openRedisServer(['--requirepass', 'right'])
        const url = new URL(closed.url)
        url.password = 'hunter2'
        await withStores([{ redis: url.href }], async (store) => {
          await writeAndRead(store as Store, 'wrong')
          const health = await store?.services.redis?.check()
          expect(health).toMatchObject({
            ok: false,
            error: expect.stringMatching(/(WRONGPASS|NOAUTH).*the password in the Redis URL/),
          })
          expect(JSON.stringify(health)).not.toContain('hunter2')
        })
        await closed.stop()
      })
    })
  },
  {
    skipOn: [
      {
        backend: 'clickhouse',
        because: 'the cache does not know its engine, and some of the tests open the database twice',
      },
    ],
  },
)

describe('a Redis pool', () => {
  it.each(['redis', 'http://:hunter2@host', 'redis://:hunter2@ho st:1', ''])('refuses the URL %j', async (url) => {
    const error = await thrown(RedisPool.open({ url }))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toContain('redis://USER:PASSWORD@HOST:PORT/DATABASE')
    expect(error.message).not.toContain('hunter2')
  })

  it('refuses a time that is none', async () => {
    const error = await thrown(RedisPool.open({ url: 'redis://127.0.0.1:1', timeoutMs: 0 }))
    expect(error).toBeInstanceOf(ConfigError)
  })

  it('leaves Redis alone after three failures, for a while', async () => {
    const server = await openRedisServer()
    const proxy = await TcpProxy.open(server.url)
    const pool = await RedisPool.open({ url: proxy.url, timeoutMs: 300 })
    expect(await pool.run('ping', (client) => client.ping())).toBe('PONG')
    proxy.blackhole()
    const tookMs: number[] = []
    for (let n = 0; n < 8; n += 1) {
      const started = performance.now()
      const error = await thrown(pool.run('ping', (client) => client.ping(), 50))
      expect(error).toBeInstanceOf(RedisError)
      expect(error).toMatchObject({ code: 'redis', retryable: true })
      tookMs.push(performance.now() - started)
    }
    expect(tookMs.slice(3).every((ms) => ms < 40)).toBe(true)
    proxy.resume()
    await expect.poll(() => pool.run('ping', (client) => client.ping()), { timeout: 10_000 }).toBe('PONG')
    await pool.close()
    await proxy.close()
    await server.stop()
  })

  it('tells no values of a command that Redis refuses', async () => {
    const server = await openRedisServer()
    const pool = await RedisPool.open(server.url)
    const error = await thrown(pool.run('do it', (client) => client.call('nonsense', 'a secret')))
    expect(error.message).toBe('Could not do it: Redis refused [ERR]')
    expect(error.cause).toBeUndefined()
    await pool.close()
    await server.stop()
  })
})
