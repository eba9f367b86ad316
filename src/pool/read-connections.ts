import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import type postgres from 'postgres'
import { PoolError, storageError } from '../errors.ts'
import { withDeadline } from './deadline.ts'
import type { PostgresSettings } from './postgres-options.ts'
import { isSocket, type PostgresServers } from './postgres-servers.ts'

/** The server's own statement timeout comes first; past this a connection is taken for dead. */
const graceMs = 2_000

/** A postgres.js client and the sockets that it was given. */
interface Client {
  readonly sql: postgres.Sql
  readonly sockets: Set<Socket>
}

/**
 * The connections that read: postgres.js. It is given its sockets, so that they can be counted, and destroyed where
 * the network is lost and its own farewell would never arrive.
 */
export class ReadConnections {
  readonly max: number
  readonly #driver: typeof postgres
  readonly #servers: PostgresServers
  readonly #settings: PostgresSettings
  readonly #warm: NodeJS.Timeout | undefined
  #client: Client
  #running = 0
  #closed: Promise<void> | undefined

  /** @param min connections that are kept open once there was a first one */
  constructor(driver: typeof postgres, servers: PostgresServers, max: number, min: number, settings: PostgresSettings) {
    this.max = max
    this.#driver = driver
    this.#servers = servers
    this.#settings = settings
    this.#client = this.#open()
    if (min > 0) this.#warm = setInterval(() => this.#keepWarm(min), settings.idleTimeoutMs / 2).unref()
  }

  /** Open connections. */
  get size(): number {
    const { sockets } = this.#client
    for (const socket of sockets) if (socket.destroyed) sockets.delete(socket)
    return sockets.size
  }

  get active(): number {
    return Math.min(this.#running, this.max)
  }

  get waiting(): number {
    return this.#running - this.active
  }

  /** Reads, once: whether it is worth another try is for the caller to say. */
  async query(text: string, params: readonly unknown[], method = 'all'): Promise<unknown[][]> {
    const during = `query ${this.#servers.address.location}`
    if (this.#closed) throw new PoolError(`Could not ${during}: the pool is closed.`)
    const client = this.#client
    // Values arrive as Drizzle encoded them; the server's own types decide how they are read.
    const query = client.sql.unsafe(text, params as postgres.ParameterOrJSON<never>[], { prepare: true })
    this.#running += 1
    try {
      const rows = method === 'all' ? query.values() : query
      const deadlineMs = this.#settings.statementTimeoutMs + graceMs
      const result: unknown = await withDeadline(rows, deadlineMs, during, () => this.#retire(client))
      return result as unknown[][]
    } catch (error) {
      throw storageError(error, during)
    } finally {
      this.#running -= 1
    }
  }

  /**
   * Hears notifications on a connection of its own, which is opened again when it is lost.
   *
   * @param onListen hears that it listens from now on, each time
   */
  async listen(channel: string, hear: (payload: string) => void, onListen: () => void): Promise<void> {
    await this.#client.sql.listen(channel, hear, onListen)
  }

  /** Calls made from now on get new connections; those that run may end on theirs. */
  renew(): void {
    this.#retire(this.#client)
  }

  async close(deadlineMs: number): Promise<void> {
    clearInterval(this.#warm)
    this.#closed ??= end(this.#client, deadlineMs)
    return this.#closed
  }

  /** A connection that outlived the server's own timeout is dead, and its siblings may be. */
  #retire(client: Client): void {
    if (client !== this.#client || this.#closed) return
    this.#client = this.#open()
    void end(client, graceMs)
  }

  #keepWarm(min: number): void {
    if (this.size === 0 || this.#running > 0) return
    for (let n = 0; n < min; n += 1) void this.query('select 1', []).catch(() => {})
  }

  #open(): Client {
    const { connectTimeoutMs, idleTimeoutMs, maxLifetimeMs, statementTimeoutMs, applicationName } = this.#settings
    const { address, current } = this.#servers
    const sockets = new Set<Socket>()
    const asText = { serialize: String, parse: (value: string) => value }
    const options: postgres.Options<Record<string, postgres.PostgresType>> & { socket: () => Socket } = {
      ...current,
      user: address.user,
      ...(address.password !== undefined && { password: address.password }),
      ...(address.database !== undefined && { database: address.database }),
      ssl: this.#encryption(),
      socket: () => this.#socket(sockets),
      max: this.max,
      connect_timeout: connectTimeoutMs / 1000,
      idle_timeout: idleTimeoutMs / 1000,
      max_lifetime: maxLifetimeMs / 1000,
      fetch_types: false,
      onnotice: () => {},
      connection: {
        application_name: applicationName,
        TimeZone: 'UTC',
        statement_timeout: statementTimeoutMs,
        ...(address.options && { options: address.options }),
      },
      // Drizzle's columns read dates and times from text, to the microsecond.
      types: { time: { to: 1184, from: [1082, 1083, 1114, 1184, 1186], ...asText } },
    }
    return { sql: this.#driver(options), sockets }
  }

  /** A socket on its way to the current server. What goes wrong with it reaches the driver by its events. */
  #socket(sockets: Set<Socket>): Socket {
    const server = this.#servers.current
    const path = `${server.host}/.s.PGSQL.${server.port}`
    const socket = isSocket(server) ? connect(path) : connect({ ...server, noDelay: true })
    sockets.add(socket)
    // postgres.js names this host when it asks for the certificate.
    return Object.assign(socket, { host: server.host })
  }

  #encryption(): ConnectionOptions | 'prefer' | false {
    const { current, tls, tlsMode } = this.#servers
    if (!tls || isSocket(current)) return false
    if (tlsMode === 'prefer' || tlsMode === 'allow') return 'prefer'
    // For an address without a name postgres.js names none either, and Node would look for 'localhost' in the certificate.
    return tlsMode === 'verify-full'
      ? {
          ...tls,
          checkServerIdentity: (_, certificate) => checkServerIdentity(this.#servers.current.host, certificate),
        }
      : { ...tls }
  }
}

async function end({ sql, sockets }: Client, deadlineMs: number): Promise<void> {
  await sql.end({ timeout: deadlineMs / 1000 }).catch(() => {})
  for (const socket of sockets) socket.destroy()
}
