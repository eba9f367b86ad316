import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresPool } from '../engines/postgres/pool.ts'
import { type Courier, decodeWord, encodeWord, type Word } from './change-notifier.ts'

const channel = 'tracehold_written'
const idLength = 36
const retryMs = 1_000
const sendMs = 5_000

/** Carries word by LISTEN and NOTIFY, which a server does for each database. */
export class PostgresCourier implements Courier {
  readonly #pool: PostgresPool
  /** Who sends: a process does not need to hear its own words. */
  readonly #self = randomUUID()

  constructor(pool: PostgresPool) {
    this.#pool = pool
  }

  async send(word: Word): Promise<void> {
    // After the commit, on a connection of its own: a NOTIFY inside of the transaction would make commits wait for
    // each other.
    const notify = { text: 'select pg_notify($1, $2)', values: [channel, `${this.#self}${encodeWord(word)}`] }
    await this.#pool.withConnection('send word', (connection) => connection.query(notify), sendMs)
  }

  listen(heard: (word: Word | undefined) => void, signal: AbortSignal): void {
    const hear = (payload: string) => {
      if (!payload.startsWith(this.#self)) heard(decodeWord(payload.slice(idLength)))
    }
    void this.#listen(hear, () => heard(undefined), signal)
  }

  async #listen(hear: (payload: string) => void, onListen: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const connection = this.#pool.openListener()
      const close = () => void connection.close(0)
      signal.addEventListener('abort', close, { once: true })
      try {
        return await connection.listen(channel, hear, onListen)
      } catch {
        signal.removeEventListener('abort', close)
        close()
        await delay(retryMs, undefined, { signal, ref: false }).catch(() => undefined)
      }
    }
  }
}
