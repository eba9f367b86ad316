import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresPool } from '../engines/postgres/pool.ts'
import { type ChangeNotice, type ChangeNotifier, decodeNotice, encodeNotice } from './change-notifier.ts'

const channel = 'tracehold_written'
const idLength = 36
const retryMs = 1_000
const sendMs = 5_000

/** Carries notices by LISTEN and NOTIFY, which reach every connection of the same database. */
export class PostgresNotifier implements ChangeNotifier {
  readonly #pool: PostgresPool
  /** The sender: a process ignores its own notices. */
  readonly #self = randomUUID()

  constructor(pool: PostgresPool) {
    this.#pool = pool
  }

  async send(notice: ChangeNotice): Promise<void> {
    // After the commit, on another connection: transactions that NOTIFY commit one after the other.
    const notify = { text: 'select pg_notify($1, $2)', values: [channel, `${this.#self}${encodeNotice(notice)}`] }
    await this.#pool.withConnection('send a notice', (connection) => connection.query(notify), sendMs)
  }

  listen(onNotice: (notice: ChangeNotice | undefined) => void, signal: AbortSignal): void {
    const onPayload = (payload: string) => {
      if (!payload.startsWith(this.#self)) onNotice(decodeNotice(payload.slice(idLength)))
    }
    void this.#listen(onPayload, () => onNotice(undefined), signal)
  }

  async #listen(onPayload: (payload: string) => void, onListen: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const connection = this.#pool.openListener()
      const close = () => void connection.close(0)
      signal.addEventListener('abort', close, { once: true })
      try {
        return await connection.listen(channel, onPayload, onListen)
      } catch {
        signal.removeEventListener('abort', close)
        close()
        await delay(retryMs, undefined, { signal, ref: false }).catch(() => undefined)
      }
    }
  }
}
