import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { withDeadline } from '../engines/deadline.ts'
import type { RedisPool } from '../redis/redis-pool.ts'
import { type ChangeNotice, type ChangeNotifier, decodeNotice, encodeNotice } from './change-notifier.ts'

/** Notices that the stream keeps, about. A reader that is further behind looks into the database anyway. */
const mostNotices = 1_000
/** How long a read waits at the server, in milliseconds. */
const blockMs = 5_000
const firstRetryMs = 50
const maxRetryMs = 2_000

/** Carries notices in a Redis Stream of bounded length, one for each database. */
export class RedisNotifier implements ChangeNotifier {
  readonly #redis: RedisPool
  readonly #stream: string
  /** The sender: a process ignores its own notices. */
  readonly #self = randomUUID()

  constructor(redis: RedisPool, prefix: string) {
    this.#redis = redis
    this.#stream = `${prefix}:written`
  }

  async send(notice: ChangeNotice): Promise<void> {
    const fields = ['from', this.#self, 'notice', encodeNotice(notice)]
    await this.#redis.run('send a notice', (client) =>
      client.xadd(this.#stream, 'MAXLEN', '~', mostNotices, '*', ...fields),
    )
  }

  listen(onNotice: (notice: ChangeNotice | undefined) => void, signal: AbortSignal): void {
    const client = this.#redis.connection()
    signal.addEventListener('abort', () => client.disconnect(), { once: true })
    void this.#listen(client, onNotice, signal)
  }

  async #listen(
    client: Redis,
    onNotice: (notice: ChangeNotice | undefined) => void,
    signal: AbortSignal,
  ): Promise<void> {
    let retryMs = firstRetryMs
    while (!signal.aborted) {
      try {
        let last = await this.#lastId(client)
        // Notices sent before this moment may have been missed.
        onNotice(undefined)
        retryMs = firstRetryMs
        for (;;) last = await this.#next(client, last, onNotice)
      } catch {
        await delay(retryMs, undefined, { signal, ref: false }).catch(() => undefined)
        retryMs = Math.min(retryMs * 2, maxRetryMs)
      }
    }
  }

  /** The id of the newest entry. `$` would mean a later one at each read, and skip what came between two reads. */
  async #lastId(client: Redis): Promise<string> {
    const reading = client.xrevrange(this.#stream, '+', '-', 'COUNT', 1)
    const [last] = await this.#answered(client, reading, this.#redis.timeoutMs)
    return last?.[0] ?? '0-0'
  }

  async #next(client: Redis, after: string, onNotice: (notice: ChangeNotice | undefined) => void): Promise<string> {
    const reading = client.xread('COUNT', mostNotices, 'BLOCK', blockMs, 'STREAMS', this.#stream, after)
    const found = await this.#answered(client, reading, blockMs + this.#redis.timeoutMs)
    let last = after
    for (const [id, fields] of found?.[0]?.[1] ?? []) {
      last = id
      if (fields[1] !== this.#self) onNotice(decodeNotice(fields[3]))
    }
    return last
  }

  /** Waits for a reply; a connection that does not answer is closed and opened again. */
  #answered<T>(client: Redis, reading: Promise<T>, deadlineMs: number): Promise<T> {
    return withDeadline(reading, deadlineMs, 'listen to Redis', () => client.disconnect(true))
  }
}
