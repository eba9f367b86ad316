import type postgres from 'postgres'
import { storageError } from '../../driver-errors/storage-error.ts'
import { PoolError } from '../../errors.ts'
import { withDeadline } from '../deadline.ts'
import { LeasePool } from '../lease-pool.ts'
import type { Read } from '../pool.ts'
import type { PostgresSettings } from './options.ts'
import { ReadConnection } from './read-connection.ts'
import type { PostgresServers } from './servers.ts'
import { isRefusal } from './write-connections.ts'

/** The server's own statement timeout comes first; past this a connection is taken for dead. */
const graceMs = 2_000

/** Holds a connection, which is replaced when it is lost or leads to the wrong server. */
interface Slot {
  connection: ReadConnection
}

/** How a call is made. */
interface CallOptions {
  readonly urgent?: boolean | undefined
  readonly end?: AbortSignal | undefined
}

/** The connections that read: postgres.js, each lent to one call at a time. */
export class ReadConnections {
  readonly max: number
  readonly #driver: typeof postgres
  readonly #servers: PostgresServers
  readonly #settings: PostgresSettings
  readonly #slots: readonly Slot[]
  readonly #min: number
  readonly #leases: LeasePool<Slot>
  #closed: Promise<void> | undefined

  /** @param min connections that are kept open once they were needed */
  constructor(driver: typeof postgres, servers: PostgresServers, max: number, min: number, settings: PostgresSettings) {
    this.max = max
    this.#driver = driver
    this.#servers = servers
    this.#settings = settings
    this.#min = min
    this.#slots = Array.from({ length: max }, (_, index) => ({ connection: this.#open(index) }))
    this.#leases = new LeasePool(this.#slots)
  }

  /** Open connections. */
  get size(): number {
    return this.#slots.filter(({ connection }) => connection.isOpen).length
  }

  get active(): number {
    return this.#leases.active
  }

  get waiting(): number {
    return this.#leases.waiting
  }

  /**
   * Reads, once: whether it is worth another try is for the caller to say.
   *
   * @param options.urgent goes before those who wait for a connection
   * @param options.end ends the statement, on the server too
   */
  query(read: Read, method = 'all', { urgent, end }: CallOptions = {}): Promise<unknown[][]> {
    return this.#call(
      async (connection) => {
        const query = connection.send(read)
        end?.addEventListener('abort', () => query.cancel(), { once: true })
        const rows: unknown = await (method === 'all' ? query.values() : query)
        return rows as unknown[][]
      },
      { urgent, end },
    )
  }

  /** Reads with several statements, all of them as of one moment, in one round trip. */
  snapshot(reads: readonly Read[], end?: AbortSignal): Promise<unknown[][][]> {
    return this.#call(
      async (connection) => {
        const begun = connection.sql.unsafe('begin isolation level repeatable read, read only')
        const queries = reads.map((read) => connection.send(read))
        end?.addEventListener('abort', () => queries.forEach((query) => void query.cancel()), { once: true })
        const rows = queries.map((query) => query.values())
        const outcomes = await Promise.allSettled([begun, ...rows, connection.sql.unsafe('commit')])
        // The first failure is the reason for the others.
        for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
        return Promise.all(rows) as Promise<unknown[][][]>
      },
      { end },
    )
  }

  /**
   * Receives notifications on a connection of its own, which is opened again when it is lost.
   *
   * @param onListen called each time that it begins to listen
   */
  async listen(channel: string, onMessage: (payload: string) => void, onListen: () => void): Promise<void> {
    await this.#slots[0]?.connection.sql.listen(channel, onMessage, onListen)
  }

  /** Calls made from now on get new connections; those that run may end on theirs. */
  renew(): void {
    for (const slot of this.#slots) void this.#replace(slot).end(graceMs)
  }

  /** Lets calls end until the deadline, also those in line; then cuts off the rest. */
  close(deadlineMs: number): Promise<void> {
    this.#closed ??= this.#close(deadlineMs)
    return this.#closed
  }

  async #close(deadlineMs: number): Promise<void> {
    const late = () => this.#leases.dismiss(new PoolError('The pool was closed.'))
    await withDeadline(this.#leases.drain(), deadlineMs, 'close', late).catch(() => {})
    await Promise.all(this.#slots.map(({ connection }) => connection.end(0)))
  }

  async #call<T>(
    work: (connection: ReadConnection) => Promise<T>,
    { urgent = false, end }: CallOptions = {},
  ): Promise<T> {
    const during = `query ${this.#servers.address.location}`
    if (this.#closed) throw new PoolError(`Could not ${during}: the pool is closed.`)
    const deadlineMs = this.#settings.statementTimeoutMs + graceMs
    try {
      return await this.#leases.run({ during, waitMs: deadlineMs, urgent }, async (slot) => {
        end?.throwIfAborted()
        try {
          return await this.#runOn(slot, work, deadlineMs, during)
        } finally {
          // The word to cancel may arrive late: it must not meet the statement of somebody else.
          if (end?.aborted) this.#giveUp(slot)
        }
      })
    } catch (error) {
      throw storageError(error, during)
    }
  }

  async #runOn<T>(
    slot: Slot,
    work: (connection: ReadConnection) => Promise<T>,
    deadlineMs: number,
    during: string,
  ): Promise<T> {
    // postgres.js opens a lost connection again, but what comes while it takes leave of the old one may hang.
    if (slot.connection.wasLost && !this.#closed) void this.#replace(slot).end(0)
    const { connection } = slot
    const giveUp = () => this.#giveUp(slot, connection)
    try {
      return await withDeadline(work(connection), deadlineMs, during, giveUp)
    } catch (error) {
      const mustDoWithoutTls = connection.mustDoWithoutTls && !this.#closed
      if (mustDoWithoutTls || !isRefusal(error)) giveUp()
      if (!mustDoWithoutTls) throw error
      return this.#runOn(slot, work, deadlineMs, during)
    }
  }

  /** Cuts a connection off; its slot gets a new one. */
  #giveUp(slot: Slot, connection = slot.connection): void {
    if (slot.connection === connection) this.#replace(slot)
    connection.cut()
  }

  /** Puts a new connection into a slot, and returns the old one. */
  #replace(slot: Slot): ReadConnection {
    const { connection } = slot
    if (!this.#closed) slot.connection = this.#open(this.#slots.indexOf(slot))
    return connection
  }

  #open(index: number): ReadConnection {
    const idleTimeoutMs = index < this.#min ? 0 : this.#settings.idleTimeoutMs
    return new ReadConnection(this.#driver, this.#servers, this.#settings, idleTimeoutMs)
  }
}
