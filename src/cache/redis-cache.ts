import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { RedisPool } from '../redis/redis-pool.ts'
import type { CacheTag } from './cache-tag.ts'
import type { CacheSettings } from './options.ts'

/** A token lives so many times as long as an answer. One that ends early costs a miss. */
const tokenLives = 10
/** Tags whose invalidation may be pending. With more, the tags that cover them are invalidated instead. */
const mostPending = 10_000
/** The wait before pending invalidations are tried again where no read or write does it sooner, in milliseconds. */
const retryMs = 1_000

/** What Redis has for a read. */
export interface RedisLookup {
  /** The tokens of its tags, as one text: an answer that was read under the same ones is up to date. */
  readonly tokens: string
  /** The stored answer, where there is one that is up to date. */
  readonly answer: string | undefined
  /** How long that answer may still be used, in milliseconds. 0 without an answer. */
  readonly leftMs: number
}

/**
 * Tokens and answers in Redis. A token is a random text for the present state of a tag. The first read makes it, and a
 * write deletes it after its commit. A full Redis can still delete, and a token that was evicted, flushed or has expired
 * is replaced by another one. So a failure of Redis makes answers unusable, never wrong.
 *
 * A write does not wait for the deletion. Until Redis confirms it, the invalidation is pending, and this process neither
 * uses nor stores an answer that depends on the tag. After a lost connection Redis may come back with an older state.
 * Then every invalidation that this process ever sent is pending again.
 */
export class RedisCache {
  readonly #redis: RedisPool
  readonly #prefix: string
  readonly #settings: CacheSettings
  /** Tags whose token must be deleted, each with the number of the last write that touched it. */
  readonly #pendingInvalidations = new Map<CacheTag, number>()
  /** Tags that cover all writes of this process: few, however much it writes. */
  readonly #coveringTags = new Set<CacheTag>()
  #writes = 0
  #sending: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined

  constructor(redis: RedisPool, prefix: string, settings: CacheSettings) {
    this.#redis = redis
    this.#prefix = prefix
    this.#settings = settings
    redis.onLost(() => this.#addPending(this.#coveringTags))
  }

  /**
   * Looks up a read. Undefined while Redis cannot say what is up to date: then the answer must come from the database,
   * and must not be kept.
   */
  async lookUp(tags: readonly CacheTag[], key: string, wantsAnswer: boolean): Promise<RedisLookup | undefined> {
    if (this.#pendingInvalidations.size > 0) {
      void this.#sendPending()
      if (tags.some((tag) => this.#pendingInvalidations.has(tag))) return undefined
    }
    const tokenKeys = tags.map((tag) => this.#tokenKey(tag))
    const answerKey = wantsAnswer && this.#settings.shared ? this.#answerKey(key) : undefined
    const keys = answerKey === undefined ? tokenKeys : [...tokenKeys, answerKey]
    try {
      return await this.#run('read the cache', async (client) => {
        // One round trip, in this order: an answer that is stored between the two gets the shorter time of the one before.
        const [leftMs, found] = await Promise.all([
          answerKey === undefined ? 0 : client.pttl(answerKey),
          client.mget(keys),
        ])
        const tokens = found.slice(0, tokenKeys.length)
        if (tokens.includes(null)) {
          const made = await this.#makeTokens(client, tokenKeys)
          return made === undefined ? undefined : { tokens: made, answer: undefined, leftMs: 0 }
        }
        const joined = tokens.join('.')
        const stored = found[tokenKeys.length]
        if (leftMs <= 0 || !stored?.startsWith(`${joined}\n`)) return { tokens: joined, answer: undefined, leftMs: 0 }
        return { tokens: joined, answer: stored.slice(joined.length + 1), leftMs }
      })
    } catch {
      return undefined
    }
  }

  /** Stores an answer that was read under these tokens, in the background. */
  store(key: string, tokens: string, answer: string): void {
    if (!this.#settings.shared) return
    const { ttlMs } = this.#settings
    this.#redis
      .run('store an answer', (client) => client.set(this.#answerKey(key), `${tokens}\n${answer}`, 'PX', ttlMs))
      .catch(() => undefined)
  }

  /**
   * Makes every answer that depends on these tags out of date, in the background.
   *
   * @param covering the tags to invalidate instead after a lost connection
   */
  invalidate(tags: readonly CacheTag[], covering: readonly CacheTag[]): void {
    for (const tag of covering) this.#coveringTags.add(tag)
    this.#addPending(tags)
    void this.#sendPending()
  }

  /** Sends the pending invalidations, and ends. */
  async close(): Promise<void> {
    await this.#sendPending()
    clearTimeout(this.#retry)
  }

  #addPending(tags: Iterable<CacheTag>): void {
    this.#writes += 1
    for (const tag of tags) this.#pendingInvalidations.set(tag, this.#writes)
    if (this.#pendingInvalidations.size <= mostPending) return
    this.#pendingInvalidations.clear()
    for (const tag of this.#coveringTags) this.#pendingInvalidations.set(tag, this.#writes)
  }

  /** Deletes the tokens of pending invalidations, one command at a time. After a failure the next read or write tries again. */
  async #sendPending(): Promise<void> {
    if (this.#pendingInvalidations.size === 0) return
    this.#sending ??= this.#sendAllPending()
    await this.#sending
  }

  async #sendAllPending(): Promise<void> {
    while (this.#pendingInvalidations.size > 0) {
      const pending = [...this.#pendingInvalidations]
      try {
        await this.#redis.run('invalidate answers', (client) => client.del(pending.map(([tag]) => this.#tokenKey(tag))))
      } catch {
        this.#sending = undefined
        clearTimeout(this.#retry)
        this.#retry = setTimeout(() => this.#sendPending(), retryMs).unref()
        return
      }
      // A write that came meanwhile may have been committed after the deletion: its tag stays pending.
      for (const [tag, write] of pending)
        if (this.#pendingInvalidations.get(tag) === write) this.#pendingInvalidations.delete(tag)
    }
    this.#sending = undefined
  }

  async #makeTokens(client: Redis, keys: readonly string[]): Promise<string | undefined> {
    const making = client.multi()
    for (const key of keys) making.set(key, randomUUID(), 'PX', this.#settings.ttlMs * tokenLives, 'NX')
    const replies = await making.mget([...keys]).exec()
    const [, tokens] = replies?.at(-1) ?? []
    return Array.isArray(tokens) && !tokens.includes(null) ? tokens.join('.') : undefined
  }

  #run<T>(during: string, commands: (client: Redis) => Promise<T>): Promise<T> {
    return this.#redis.run(during, commands, this.#settings.redisWaitMs)
  }

  #tokenKey(tag: CacheTag): string {
    return `${this.#prefix}:token:${tag}`
  }

  #answerKey(key: string): string {
    return `${this.#prefix}:answer:${key}`
  }
}
