import type postgres from 'postgres'
import { storageError } from '../../driver-errors/storage-error.ts'
import { PoolError } from '../../errors.ts'
import { withDeadline } from '../deadline.ts'
import { Turns } from '../lease-pool.ts'
import type { Read } from '../pool.ts'
import type { PostgresSettings } from './options.ts'
import { ReadConnection } from './read-connection.ts'
import type { PostgresServers } from './servers.ts'

/** The server's own statement timeout comes first; past this a connection is taken for dead. */
const graceMs = 2_000

/** A place for a connection, which is replaced when it is lost or leads to the wrong server. */
interface Place {
  connection: ReadConnection
}

/** The connections that read: postgres.js, each lent to one call at a time. */
export class ReadConnections {
  readonly max: number
  readonly #driver: typeof postgres
  readonly #servers: PostgresServers
  readonly #settings: PostgresSettings
  readonly #places: readonly Place[]
  readonly #min: number
  readonly #turns: Turns<Place>
  #closed: Promise<void> | undefined

  /** @param min connections that are kept open once they were needed */
  constructor(driver: typeof postgres, servers: PostgresServers, max: number, min: number, settings: PostgresSettings) {
    this.max = max
    this.#driver = driver
    this.#servers = servers
    this.#settings = settings
    this.#min = min
    this.#places = Array.from({ length: max }, (_, index) => ({ connection: this.#open(index) }))
    this.#turns = new Turns(this.#places)
  }

  /** Open connections. */
  get size(): number {
    return this.#places.filter(({ connection }) => connection.isOpen).length
  }

  get active(): number {
    return this.#turns.active
  }

  get waiting(): number {
    return this.#turns.waiting
  }

  /**
   * Reads, once: whether it is worth another try is for the caller to say.
   *
   * @param options.urgent goes before those who wait for a connection
   */
  query(read: Read, method = 'all', { urgent = false } = {}): Promise<unknown[][]> {
    return this.#call(async (connection) => {
      const query = connection.send(read)
      const rows: unknown = await (method === 'all' ? query.values() : query)
      return rows as unknown[][]
    }, urgent)
  }

  /** Reads with several statements, all of them as of one moment, in one round trip. */
  snapshot(reads: readonly Read[]): Promise<unknown[][][]> {
    return this.#call(async (connection) => {
      const begun = connection.sql.unsafe('begin isolation level repeatable read, read only')
      const rows = reads.map((read) => connection.send(read).values())
      const outcomes = await Promise.allSettled([begun, ...rows, connection.sql.unsafe('commit')])
      // Of a failure the first statement tells: it is why the others failed.
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
      return Promise.all(rows) as Promise<unknown[][][]>
    })
  }

  /**
   * Hears notifications on a connection of its own, which is opened again when it is lost.
   *
   * @param onListen hears that it listens from now on, each time
   */
  async listen(channel: string, hear: (payload: string) => void, onListen: () => void): Promise<void> {
    await this.#places[0]?.connection.sql.listen(channel, hear, onListen)
  }

  /** Calls made from now on get new connections; those that run may end on theirs. */
  renew(): void {
    for (const place of this.#places) void this.#replace(place).end(graceMs)
  }

  /** Lets calls end until the deadline, also those in line; then cuts off the rest. */
  close(deadlineMs: number): Promise<void> {
    this.#closed ??= this.#close(deadlineMs)
    return this.#closed
  }

  async #close(deadlineMs: number): Promise<void> {
    const late = () => this.#turns.dismiss(new PoolError('The pool was closed.'))
    await withDeadline(this.#turns.drain(), deadlineMs, 'close', late).catch(() => {})
    await Promise.all(this.#places.map(({ connection }) => connection.end(0)))
  }

  async #call<T>(work: (connection: ReadConnection) => Promise<T>, urgent = false): Promise<T> {
    const during = `query ${this.#servers.address.location}`
    if (this.#closed) throw new PoolError(`Could not ${during}: the pool is closed.`)
    const deadlineMs = this.#settings.statementTimeoutMs + graceMs
    try {
      return await this.#turns.run({ during, waitMs: deadlineMs, urgent }, (place) =>
        this.#runOn(place, work, deadlineMs, during),
      )
    } catch (error) {
      throw storageError(error, during)
    }
  }

  async #runOn<T>(
    place: Place,
    work: (connection: ReadConnection) => Promise<T>,
    deadlineMs: number,
    during: string,
  ): Promise<T> {
    const { connection } = place
    const giveUp = () => {
      if (place.connection === connection) this.#replace(place)
      connection.cut()
    }
    try {
      return await withDeadline(work(connection), deadlineMs, during, giveUp)
    } catch (error) {
      if (!connection.mustDoWithoutTls || this.#closed) throw error
      giveUp()
      return this.#runOn(place, work, deadlineMs, during)
    }
  }

  /** Puts a new connection into a place, and answers with the old one. */
  #replace(place: Place): ReadConnection {
    const { connection } = place
    if (!this.#closed) place.connection = this.#open(this.#places.indexOf(place))
    return connection
  }

  #open(index: number): ReadConnection {
    const idleTimeoutMs = index < this.#min ? 0 : this.#settings.idleTimeoutMs
    return new ReadConnection(this.#driver, this.#servers, this.#settings, idleTimeoutMs)
  }
}
