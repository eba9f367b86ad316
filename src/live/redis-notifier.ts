import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { withDeadline } from '../engines/deadline.ts'
import type { RedisPool } from '../redis/redis-pool.ts'
import { type Courier, decodeWord, encodeWord, type Word } from './change-notifier.ts'

/** Words that the stream keeps, about. A reader that fell further behind looks into the database anyway. */
const mostWords = 1_000
/** How long a read waits at the server, in milliseconds. */
const blockMs = 5_000
const firstRetryMs = 50
const maxRetryMs = 2_000

/** Carries word in a Redis Stream of bounded length, one for each database. */
export class RedisCourier implements Courier {
  readonly #redis: RedisPool
  readonly #stream: string
  /** Who sends: a process does not need to hear its own words. */
  readonly #self = randomUUID()

  constructor(redis: RedisPool, prefix: string) {
    this.#redis = redis
    this.#stream = `${prefix}:written`
  }

  async send(word: Word): Promise<void> {
    const fields = ['from', this.#self, 'word', encodeWord(word)]
    await this.#redis.run('send word', (client) => client.xadd(this.#stream, 'MAXLEN', '~', mostWords, '*', ...fields))
  }

  listen(heard: (word: Word | undefined) => void, signal: AbortSignal): void {
    const client = this.#redis.connection()
    signal.addEventListener('abort', () => client.disconnect(), { once: true })
    void this.#listen(client, heard, signal)
  }

  async #listen(client: Redis, heard: (word: Word | undefined) => void, signal: AbortSignal): Promise<void> {
    let retryMs = firstRetryMs
    while (!signal.aborted) {
      try {
        let last = await this.#lastId(client)
        // What was sent before this place was found is only known by looking.
        heard(undefined)
        retryMs = firstRetryMs
        for (;;) last = await this.#next(client, last, heard)
      } catch {
        await delay(retryMs, undefined, { signal, ref: false }).catch(() => undefined)
        retryMs = Math.min(retryMs * 2, maxRetryMs)
      }
    }
  }

  /** Where the stream ends now; `$` would be another place at every read that finds nothing. */
  async #lastId(client: Redis): Promise<string> {
    const reading = client.xrevrange(this.#stream, '+', '-', 'COUNT', 1)
    const [last] = await this.#answered(client, reading, this.#redis.timeoutMs)
    return last?.[0] ?? '0-0'
  }

  async #next(client: Redis, after: string, heard: (word: Word | undefined) => void): Promise<string> {
    const reading = client.xread('COUNT', mostWords, 'BLOCK', blockMs, 'STREAMS', this.#stream, after)
    const found = await this.#answered(client, reading, blockMs + this.#redis.timeoutMs)
    let last = after
    for (const [id, fields] of found?.[0]?.[1] ?? []) {
      last = id
      if (fields[1] !== this.#self) heard(decodeWord(fields[3]))
    }
    return last
  }

  /** A connection that does not answer is given up, and opened again. */
  #answered<T>(client: Redis, reading: Promise<T>, deadlineMs: number): Promise<T> {
    return withDeadline(reading, deadlineMs, 'listen to Redis', () => client.disconnect(true))
  }
}
