import type pg from 'pg'
import { storageError } from '../../driver-errors/storage-error.ts'
import { ConnectionError, PoolError } from '../../errors.ts'
import { withoutUndefined } from '../../without-undefined.ts'
import { settlesWithin, withDeadline } from '../deadline.ts'
import type { PostgresSettings } from './options.ts'
import type { PostgresServers } from './servers.ts'

// Only the sinks' statements run here. Each of them goes from the rows of a batch to rows that are found by their key:
// looping over an index is right for all, whatever the statistics of a table that grows under them say.
const session = `set timezone to 'UTC'; set datestyle to 'ISO'; set jit to off; set enable_seqscan to off; set enable_bitmapscan to off;
  set enable_hashjoin to off; set enable_mergejoin to off; set enable_material to off;
  set plan_cache_mode to force_generic_plan`

/** How long a server may take to end idle connections, in milliseconds. */
const farewellMs = 100

/** The connections of a PostgreSQL pool that write: node-postgres, which alone can COPY and hold a transaction. */
export class WriteConnections {
  /** Connections that may be open. */
  readonly max: number
  readonly #pool: pg.Pool
  readonly #servers: PostgresServers
  /** The calls that run or wait for a connection, and what cuts each of them off. */
  readonly #calls = new Map<Promise<unknown>, () => void>()
  /** Connections that are being made or are open. */
  readonly #clients = new Set<pg.ClientBase>()
  /** Connections whose session has our settings. */
  readonly #prepared = new WeakSet<object>()
  #closed = false

  /** @param min connections that are kept open when nobody uses them */
  constructor(driver: typeof pg, servers: PostgresServers, max: number, min: number, settings: PostgresSettings) {
    this.max = max
    this.#servers = servers
    this.#pool = new driver.Pool({
      Client: clientOf(driver, servers, this.#clients),
      max,
      min,
      connectionTimeoutMillis: settings.connectTimeoutMs,
      idleTimeoutMillis: settings.idleTimeoutMs,
      maxLifetimeSeconds: settings.maxLifetimeMs / 1000,
      statement_timeout: settings.statementTimeoutMs,
      application_name: settings.applicationName,
      keepAlive: true,
    })
    // An idle connection that the server closes: the pool has dropped it, and the next call opens another.
    this.#pool.on('error', ignore)
  }

  get size(): number {
    return this.#pool.totalCount
  }

  get active(): number {
    return this.#pool.totalCount - this.#pool.idleCount
  }

  get waiting(): number {
    return this.#pool.waitingCount
  }

  /**
   * Runs `work` on one connection, which is given up when `work` fails or does not end in time; after a statement that
   * the server refused it goes on.
   */
  withConnection<T>(during: string, work: (connection: pg.PoolClient) => Promise<T>, deadlineMs: number): Promise<T> {
    if (this.#closed) return Promise.reject(new PoolError(`Could not ${during}: the pool is closed.`))
    let cutOff = ignore
    const closed = new Promise<never>((_, reject) => {
      cutOff = () => reject(new PoolError(`Could not ${during}: the pool was closed.`))
    })
    const call = this.#call(during, work, deadlineMs, closed)
    this.#calls.set(call, cutOff)
    const forget = () => this.#calls.delete(call)
    call.then(forget, forget)
    return call
  }

  async #call<T>(
    during: string,
    work: (connection: pg.PoolClient) => Promise<T>,
    deadlineMs: number,
    closed: Promise<never>,
  ): Promise<T> {
    let connection: pg.PoolClient | undefined
    let isOver = false
    // Once: what a call that is over still waited for fails after it.
    const giveBack = (isLost: boolean) => {
      connection?.release(isLost)
      connection?.off('error', ignore)
      connection = undefined
    }
    const connect = async () => {
      if (isOver) throw new PoolError(`Could not ${during}: it is over.`)
      const taken = await this.#pool.connect()
      connection = taken
      // A connection that is lost also says so by an event, which would end the process if nobody heard it.
      taken.on('error', ignore)
      try {
        if (!isOver) await this.#mustWrite(taken)
        return taken
      } catch (error) {
        giveBack(true)
        throw error
      }
    }
    const run = async () => {
      const taken = await this.#servers.reach(during, connect)
      if (isOver) return giveBack(false) as never
      if (!this.#prepared.has(taken)) await taken.query(session)
      this.#prepared.add(taken)
      return work(taken)
    }
    const giveUp = () => {
      isOver = true
      if (connection) cut(connection)
    }
    closed.catch(giveUp)
    try {
      const result = await withDeadline(Promise.race([run(), closed]), deadlineMs, during, giveUp)
      giveBack(false)
      return result
    } catch (error) {
      giveBack(!isRefusal(error))
      throw storageError(error, during)
    }
  }

  /** @throws ConnectionError of a server that takes no writes, where there is another one to go to */
  async #mustWrite(connection: pg.PoolClient): Promise<void> {
    if (!this.#servers.mustFindPrimary || this.#prepared.has(connection)) return
    const { rows } = await connection.query<{ transaction_read_only: string }>('show transaction_read_only')
    if (rows[0]?.transaction_read_only !== 'on') return
    const { host, port } = this.#servers.current
    throw new ConnectionError(`Could not write: ${host}:${port} is a standby, or read-only.`, { recovery: 'retry' })
  }

  /** Lets running calls end until the deadline, cuts off the rest, and disconnects. */
  async close(deadlineMs: number): Promise<void> {
    this.#closed = true
    const cutOff = () => {
      for (const cutOffCall of this.#calls.values()) cutOffCall()
    }
    await withDeadline(Promise.allSettled(this.#calls.keys()), deadlineMs, 'close', cutOff).catch(ignore)
    const ended = Promise.all([...this.#clients].map((client) => new Promise((resolve) => client.once('end', resolve))))
    const poolEnded = this.#pool.end()
    // A server that does not answer never ends its side, and one socket would keep the process running. Connections that
    // are still being made go the same way: nobody waits for them any more.
    await settlesWithin(ended, farewellMs)
    for (const client of this.#clients) cut(client)
    await poolEnded
  }
}

/**
 * Clients that connect to the current server, whichever that is when they are made.
 *
 * @param clients holds them until they have ended
 */
function clientOf(driver: typeof pg, servers: PostgresServers, clients: Set<pg.ClientBase>): new () => pg.ClientBase {
  return class extends driver.Client {
    constructor(config?: pg.ClientConfig) {
      const { current, address } = servers
      const { user, password, database, options } = address
      const known = withoutUndefined({ user, password, database, options })
      super({ ...config, ...current, ...known, ssl: servers.tlsFor(current) })
      clients.add(this)
      this.once('end', () => clients.delete(this))
    }
  }
}

const ignore = () => {}

/** Whether the server refused a statement and is ready for the next one. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'severity' in error && error.severity === 'ERROR'

/** Ends a connection whose server does not answer; pg has no public way to do it without waiting for the server. */
function cut(connection: pg.ClientBase): void {
  const { connection: protocol } = connection as unknown as { connection: { stream: { destroy(): void } } }
  protocol.stream.destroy()
}
