import { setTimeout as delay } from 'node:timers/promises'
import type { Notifications } from '../notifications.ts'
import type { ReadConnections } from './read-connections.ts'
import type { PostgresTransactions } from './transactions.ts'

const retryMs = 1_000
const sendMs = 5_000

/** Messages by LISTEN and NOTIFY, which a server carries within each database. */
export class PostgresNotifications implements Notifications {
  readonly #pool: PostgresTransactions
  readonly #openListener: () => ReadConnections

  /** @param openListener opens a connection beyond the pool's budget, which keeps it while it listens */
  constructor(pool: PostgresTransactions, openListener: () => ReadConnections) {
    this.#pool = pool
    this.#openListener = openListener
  }

  async send(channel: string, message: string): Promise<void> {
    // On a connection of its own, after the commit: a NOTIFY inside of the transaction would make commits wait for each
    // other.
    const notify = { text: 'select pg_notify($1, $2)', values: [channel, message] }
    await this.#pool.withConnection('send a notification', (connection) => connection.query(notify), sendMs)
  }

  listen(channel: string, onMessage: (message: string) => void, onListen: () => void, signal: AbortSignal): void {
    void this.#listen(channel, onMessage, onListen, signal)
  }

  async #listen(
    channel: string,
    onMessage: (message: string) => void,
    onListen: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      const connection = this.#openListener()
      const close = () => void connection.close(0)
      signal.addEventListener('abort', close, { once: true })
      try {
        return await connection.listen(channel, onMessage, onListen)
      } catch {
        signal.removeEventListener('abort', close)
        close()
        await delay(retryMs, undefined, { signal, ref: false }).catch(() => undefined)
      }
    }
  }
}
