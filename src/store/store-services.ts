import { type CacheOptions, cacheSettings } from '../cache/options.ts'
import { ReadCache } from '../cache/read-cache.ts'
import { SharedAnswers } from '../cache/redis-cache.ts'
import { dropWhatChanges } from '../cache/tell-cache.ts'
import { databaseIdentity } from '../engines/database-identity.ts'
import type { Pool } from '../engines/pool.ts'
import { WakeUps } from '../live/change-hub.ts'
import type { Courier } from '../live/change-notifier.ts'
import { PostgresCourier } from '../live/postgres-notifier.ts'
import { RedisCourier } from '../live/redis-notifier.ts'
import { type RedisOptions, RedisPool } from '../redis/redis-pool.ts'

/** What a store works with beside its database, all of it optional. */
export interface ServiceOptions {
  /** Keeps traces by id, first pages of traces, counts and analytics: in the process, and in Redis where there is one. @default false */
  cache?: boolean | CacheOptions | undefined
  /**
   * A Redis, by its URL: it carries word of writes between processes, for the cache and for subscriptions. Every
   * process that writes needs it, so that others hear. Its loss is never an error.
   */
  redis?: string | RedisOptions | undefined
  /**
   * Whether other processes hear at once what this one wrote: through Redis, else by NOTIFY on PostgreSQL. Without it
   * their subscriptions look now and then. @default true with `redis`, else false
   */
  live?: boolean | undefined
}

/** What the stores of one pool share beside it. */
export class StoreServices {
  readonly redis: RedisPool | undefined
  readonly cache: ReadCache | undefined
  readonly wakeUps: WakeUps
  readonly #shared: SharedAnswers | undefined
  readonly #stopDropping: (() => void) | undefined

  /** Services without Redis; use `open` for all of them. */
  constructor(pool: Pool, { cache = false, live }: ServiceOptions = {}, redis?: RedisPool, identity = '') {
    const options = cache === true ? {} : cache || undefined
    this.redis = redis
    const prefix = `${redis?.prefix}:${identity}`
    this.#shared = redis && new SharedAnswers(redis, prefix, cacheSettings(options ?? {}))
    this.cache = options && new ReadCache(options, this.#shared)
    if (this.cache || this.#shared) this.#stopDropping = dropWhatChanges(pool, this.cache, this.#shared)
    this.wakeUps = new WakeUps(pool, courierOf(pool, redis, prefix), live ?? redis !== undefined)
  }

  /**
   * Opens what the options ask for.
   *
   * @throws ConfigError for an option that cannot be used, or when ioredis is not installed
   */
  static async open(pool: Pool, options: ServiceOptions): Promise<StoreServices> {
    if (!options.redis) return new StoreServices(pool, options)
    const redis = await RedisPool.open(options.redis)
    try {
      return new StoreServices(pool, options, redis, await databaseIdentity(pool))
    } catch (error) {
      await redis.close()
      throw error
    }
  }

  /** Sends what others should hear of, and disconnects. */
  async close(): Promise<void> {
    this.#stopDropping?.()
    await Promise.all([this.#shared?.close(), this.wakeUps.close()])
    await this.redis?.close()
  }
}

function courierOf(pool: Pool, redis: RedisPool | undefined, prefix: string): Courier | undefined {
  if (redis) return new RedisCourier(redis, prefix)
  return pool.engine === 'postgres' ? new PostgresCourier(pool) : undefined
}
