import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { RedisPool } from '../redis/redis-pool.ts'
import type { Scope } from './cache-tag.ts'
import type { CacheSettings } from './options.ts'

/** How many times as long a token lives as an answer: one that ends early costs a miss. */
const tokenLives = 10
/** Scopes that are owed, at most; after that those that stand for all of them are. */
const mostOwed = 10_000
/** How long after a failure what is owed is tried again if nobody reads or writes, in milliseconds. */
const retryMs = 1_000

/** What Redis knows about a question. */
export interface SharedLook {
  /** The tokens of its scopes, as one text: an answer that was read under the same ones is up to date. */
  readonly tokens: string
  /** The text that was kept as the answer, where there is one that is up to date. */
  readonly answer: string | undefined
  /** How long that may still be used, in milliseconds: it was kept when it was loaded. 0 where there is none. */
  readonly leftMs: number
}

/**
 * Tokens and answers in Redis. A token is a random text that stands for a state of a scope: whoever reads first makes
 * it, whoever writes deletes it after the commit. Deleting works in a Redis that is full, and a token that was evicted,
 * flushed or has expired is made anew as another one: so what goes wrong in Redis makes answers unusable, never wrong.
 *
 * A write does not wait for its deletions. Until Redis has confirmed them they are owed, and this process neither
 * trusts nor stores what depends on such a scope. A connection that was lost may mean that Redis comes back with an
 * older state of itself: then all that this process ever deleted is owed once more.
 */
export class SharedAnswers {
  readonly #redis: RedisPool
  readonly #prefix: string
  readonly #settings: CacheSettings
  /** What is to be deleted, and the number of the write that asked for it last. */
  readonly #owed = new Map<Scope, number>()
  /** Scopes that stand for all that this process wrote: few, however much it writes. */
  readonly #written = new Set<Scope>()
  #writes = 0
  #settling: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined

  constructor(redis: RedisPool, prefix: string, settings: CacheSettings) {
    this.#redis = redis
    this.#prefix = prefix
    this.#settings = settings
    redis.onLost(() => this.#owe(this.#written))
  }

  /**
   * Looks at a question. Undefined when Redis cannot tell now: the answer must come from the database and must not be
   * kept.
   */
  async look(scopes: readonly Scope[], question: string, wantsAnswer: boolean): Promise<SharedLook | undefined> {
    if (this.#owed.size > 0) {
      void this.#settle()
      if (scopes.some((scope) => this.#owed.has(scope))) return undefined
    }
    const keys = scopes.map((scope) => this.#tokenKey(scope))
    const answerKey = wantsAnswer && this.#settings.shared ? this.#answerKey(question) : undefined
    const asked = answerKey === undefined ? keys : [...keys, answerKey]
    try {
      return await this.#ask('read the cache', async (client) => {
        // In this order, in one round trip: a newer answer that comes between has the older one's time, which is less.
        const [leftMs, found] = await Promise.all([
          answerKey === undefined ? 0 : client.pttl(answerKey),
          client.mget(asked),
        ])
        const tokens = found.slice(0, keys.length)
        if (tokens.includes(null)) {
          const made = await this.#makeTokens(client, keys)
          return made === undefined ? undefined : { tokens: made, answer: undefined, leftMs: 0 }
        }
        const joined = tokens.join('.')
        const stored = found[keys.length]
        if (leftMs <= 0 || !stored?.startsWith(`${joined}\n`)) return { tokens: joined, answer: undefined, leftMs: 0 }
        return { tokens: joined, answer: stored.slice(joined.length + 1), leftMs }
      })
    } catch {
      return undefined
    }
  }

  /** Keeps an answer that was read under these tokens. Nobody waits for it. */
  keep(question: string, tokens: string, answer: string): void {
    if (!this.#settings.shared) return
    const { ttlMs } = this.#settings
    this.#redis
      .run('keep an answer', (client) => client.set(this.#answerKey(question), `${tokens}\n${answer}`, 'PX', ttlMs))
      .catch(() => undefined)
  }

  /**
   * What was read of these scopes is out of date. Nobody waits for it.
   *
   * @param all scopes that stand for them after a lost connection
   */
  drop(scopes: readonly Scope[], all: readonly Scope[]): void {
    for (const scope of all) this.#written.add(scope)
    this.#owe(scopes)
    void this.#settle()
  }

  /** Sends what is owed, and no more after it. */
  async close(): Promise<void> {
    await this.#settle()
    clearTimeout(this.#retry)
  }

  #owe(scopes: Iterable<Scope>): void {
    this.#writes += 1
    for (const scope of scopes) this.#owed.set(scope, this.#writes)
    if (this.#owed.size <= mostOwed) return
    this.#owed.clear()
    for (const scope of this.#written) this.#owed.set(scope, this.#writes)
  }

  /** Deletes what is owed, one command at a time. What fails stays owed, until a read or a write tries again. */
  async #settle(): Promise<void> {
    if (this.#owed.size === 0) return
    this.#settling ??= this.#settleAll()
    await this.#settling
  }

  async #settleAll(): Promise<void> {
    while (this.#owed.size > 0) {
      const owed = [...this.#owed]
      try {
        await this.#redis.run('drop answers', (client) => client.del(owed.map(([scope]) => this.#tokenKey(scope))))
      } catch {
        this.#settling = undefined
        clearTimeout(this.#retry)
        this.#retry = setTimeout(() => this.#settle(), retryMs).unref()
        return
      }
      // A write that came meanwhile may have been committed after the deletion.
      for (const [scope, write] of owed) if (this.#owed.get(scope) === write) this.#owed.delete(scope)
    }
    this.#settling = undefined
  }

  async #makeTokens(client: Redis, keys: readonly string[]): Promise<string | undefined> {
    const making = client.multi()
    for (const key of keys) making.set(key, randomUUID(), 'PX', this.#settings.ttlMs * tokenLives, 'NX')
    const replies = await making.mget([...keys]).exec()
    const [, tokens] = replies?.at(-1) ?? []
    return Array.isArray(tokens) && !tokens.includes(null) ? tokens.join('.') : undefined
  }

  #ask<T>(during: string, commands: (client: Redis) => Promise<T>): Promise<T> {
    return this.#redis.run(during, commands, this.#settings.redisWaitMs)
  }

  #tokenKey(scope: Scope): string {
    return `${this.#prefix}:token:${scope}`
  }

  #answerKey(question: string): string {
    return `${this.#prefix}:answer:${question}`
  }
}
