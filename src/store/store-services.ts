import { type CacheOptions, cacheSettings } from '../cache/options.ts'
import { ReadCache } from '../cache/read-cache.ts'
import { SharedAnswers } from '../cache/redis-cache.ts'
import { dropWhatChanges } from '../cache/tell-cache.ts'
import { databaseIdentity } from '../engines/database-identity.ts'
import type { Pool } from '../engines/pool.ts'
import { ChangeHub } from '../live/change-hub.ts'
import type { ChangeNotifier } from '../live/change-notifier.ts'
import { PostgresNotifier } from '../live/postgres-notifier.ts'
import { RedisNotifier } from '../live/redis-notifier.ts'
import { type RedisOptions, RedisPool } from '../redis/redis-pool.ts'

/** What a store may use beside its database. */
export interface ServiceOptions {
  /** Keeps traces by id, first pages of traces, counts and analytics: in the process, and in Redis where there is one. @default false */
  cache?: boolean | CacheOptions | undefined
  /**
   * A Redis, by its URL. It carries notices of writes between processes, for the cache and for subscriptions, so every
   * process that writes needs it. Losing it is never an error.
   */
  redis?: string | RedisOptions | undefined
  /**
   * Whether other processes get a notice at once when this one writes: through Redis, else by NOTIFY on PostgreSQL.
   * Without it their subscriptions look now and then. @default true with `redis`, else false
   */
  live?: boolean | undefined
}

/** What the stores of one pool share: cache, Redis, notices of writes. */
export class StoreServices {
  readonly redis: RedisPool | undefined
  readonly cache: ReadCache | undefined
  readonly changes: ChangeHub
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
    this.changes = new ChangeHub(pool, notifierOf(pool, redis, prefix), live ?? redis !== undefined)
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

  /** Sends the notices that are left, and disconnects. */
  async close(): Promise<void> {
    this.#stopDropping?.()
    await Promise.all([this.#shared?.close(), this.changes.close()])
    await this.redis?.close()
  }
}

function notifierOf(pool: Pool, redis: RedisPool | undefined, prefix: string): ChangeNotifier | undefined {
  if (redis) return new RedisNotifier(redis, prefix)
  return pool.engine === 'postgres' ? new PostgresNotifier(pool) : undefined
}
