import { allTracesTag, projectTag, traceTag } from '../cache/cache-tag.ts'
import { type CacheOptions, cacheSettings } from '../cache/options.ts'
import { ReadCache } from '../cache/read-cache.ts'
import { RedisCache } from '../cache/redis-cache.ts'
import { databaseIdentity } from '../engines/database-identity.ts'
import type { Pool } from '../engines/pool.ts'
import { onWrite } from '../engines/write-events.ts'
import { ChangeHub } from '../live/change-hub.ts'
import type { ChangeNotifier } from '../live/change-notifier.ts'
import { DatabaseNotifier } from '../live/database-notifier.ts'
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
   * Whether other processes get a notice at once when this one writes: through Redis, else through the database where it can (NOTIFY on PostgreSQL).
   * Without it their subscriptions look now and then. @default true with `redis`, else false
   */
  live?: boolean | undefined
}

/** What the stores of one pool share: cache, Redis, notices of writes. */
export class StoreServices {
  readonly redis: RedisPool | undefined
  readonly cache: ReadCache | undefined
  readonly changes: ChangeHub
  readonly #redisCache: RedisCache | undefined
  readonly #stopInvalidating: (() => void) | undefined

  /** Services without Redis; use `open` for all of them. */
  constructor(pool: Pool, { cache = false, live }: ServiceOptions = {}, redis?: RedisPool, identity = '') {
    const options = cache === true ? {} : cache || undefined
    this.redis = redis
    const prefix = `${redis?.prefix}:${identity}`
    this.#redisCache = redis && new RedisCache(redis, prefix, cacheSettings(options ?? {}))
    this.cache = options && new ReadCache(options, this.#redisCache)
    if (this.cache || this.#redisCache) this.#stopInvalidating = invalidateWrites(pool, this.cache, this.#redisCache)
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
    this.#stopInvalidating?.()
    await Promise.all([this.#redisCache?.close(), this.changes.close()])
    await this.redis?.close()
  }
}

/** A write that touches more traces than this invalidates all traces of the project. */
const mostTraces = 1_000

/** Makes every write of this process invalidate the answers that depend on it. Returns what ends it. */
function invalidateWrites(pool: Pool, cache: ReadCache | undefined, redisCache: RedisCache | undefined) {
  return onWrite(pool, ({ projectId, traceIds }) => {
    if (traceIds.length === 0) return
    const covering = [projectTag(projectId), allTracesTag(projectId)]
    const each = traceIds.map((traceId) => traceTag(projectId, traceId))
    const tags = traceIds.length > mostTraces ? covering : [projectTag(projectId), ...each]
    cache?.invalidate(tags)
    redisCache?.invalidate(tags, covering)
  })
}

function notifierOf(pool: Pool, redis: RedisPool | undefined, prefix: string): ChangeNotifier | undefined {
  if (redis) return new RedisNotifier(redis, prefix)
  return pool.notifications && new DatabaseNotifier(pool.notifications)
}
