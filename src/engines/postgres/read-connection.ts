import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import type postgres from 'postgres'
import { settlesWithin } from '../deadline.ts'
import type { Read } from '../pool.ts'
import type { PostgresSettings } from './options.ts'
import { isSocket, type PostgresServers } from './servers.ts'

/** Statements that the server keeps for a connection: what an app asks again and again is fewer. */
const mostStatements = 200
/** How long a server may take to end a connection, in milliseconds. */
const farewellMs = 100

/**
 * One connection that reads: a postgres.js client of one, so that what is sent together goes together and in order. It is
 * given its socket, so that we know whether it is open, and can destroy it where the network is lost and its own farewell
 * would never arrive. It opens when it is first used, and again after it was lost.
 */
export class ReadConnection {
  readonly sql: postgres.Sql
  #socket: Socket | undefined
  #mustDoWithoutTls = false
  /** Texts that came once, and those that came again and are kept by the server. */
  readonly #seen = new Set<string>()
  readonly #kept = new Set<string>()

  /** @param idleTimeoutMs after so long without use it is closed; 0 keeps it */
  constructor(driver: typeof postgres, servers: PostgresServers, settings: PostgresSettings, idleTimeoutMs: number) {
    const { connectTimeoutMs, maxLifetimeMs, statementTimeoutMs, applicationName } = settings
    const { address, current } = servers
    const ssl = encryption(servers)
    const asText = { serialize: String, parse: (value: string) => value }
    const options: postgres.Options<Record<string, postgres.PostgresType>> & { socket: () => Socket } = {
      ...current,
      user: address.user,
      ...(address.password !== undefined && { password: address.password }),
      ...(address.database !== undefined && { database: address.database }),
      ssl,
      socket: () => this.#open(servers, typeof ssl === 'object'),
      max: 1,
      connect_timeout: connectTimeoutMs / 1000,
      idle_timeout: idleTimeoutMs / 1000,
      max_lifetime: maxLifetimeMs / 1000,
      fetch_types: false,
      onnotice: () => {},
      connection: {
        application_name: applicationName,
        TimeZone: 'UTC',
        DateStyle: 'ISO',
        statement_timeout: statementTimeoutMs,
        // Compiling a plan takes longer than it saves in questions of a second.
        ...(!address.options?.includes('jit') && { jit: 'off' }),
        ...(address.options && { options: address.options }),
      },
      // Drizzle's columns read dates and times from text, to the microsecond.
      types: { time: { to: 1184, from: [1082, 1083, 1114, 1184, 1186], ...asText } },
    }
    this.sql = driver(options)
  }

  get isOpen(): boolean {
    return this.#socket?.destroyed === false
  }

  /** Whether it was open and is no more: what is sent on it now may never be answered. */
  get wasLost(): boolean {
    return this.#socket !== undefined && this.#socket.readyState !== 'open' && !this.#socket.connecting
  }

  /** Whether the server turned out to have no TLS, where that may be: then another connection, made now, will do. */
  get mustDoWithoutTls(): boolean {
    return this.#mustDoWithoutTls
  }

  /** Sends a statement, whose values are as Drizzle encoded them; the server's own types decide how they are read. */
  send({ text, params }: Read) {
    return this.sql.unsafe(text, params as postgres.ParameterOrJSON<never>[], { prepare: this.#keeps(text) })
  }

  /** Lets a running call end until the deadline, then cuts it off. */
  async end(deadlineMs: number): Promise<void> {
    const ended = this.sql.end({ timeout: deadlineMs / 1000 }).catch(() => {})
    // The driver waits for a server that may not answer.
    await settlesWithin(ended, deadlineMs + farewellMs)
    this.#socket?.destroy()
  }

  /** Gives the connection up at once: its server does not answer. */
  cut(): void {
    this.#socket?.destroy()
    void this.end(0)
  }

  /**
   * Whether the server is to keep a statement: from the second time on that it comes, and no more of them than it can hold
   * with ease. Texts with a value written into them come once, and each would stay until the connection ends.
   */
  #keeps(text: string): boolean {
    if (this.#kept.has(text)) return true
    if (this.#seen.delete(text) && this.#kept.size < mostStatements) {
      this.#kept.add(text)
      return true
    }
    if (this.#seen.size >= mostStatements) this.#seen.clear()
    this.#seen.add(text)
    return false
  }

  /** A socket on its way to the current server. What goes wrong with it reaches the driver by its events. */
  #open(servers: PostgresServers, asksForTls: boolean): Socket {
    const { current } = servers
    const path = `${current.host}/.s.PGSQL.${current.port}`
    const socket = isSocket(current) ? connect(path) : connect({ ...current, noDelay: true })
    // While one is open, a further one only carries the word to cancel what runs on it.
    if (!this.isOpen) this.#socket = socket
    if (asksForTls && servers.isTlsOptional) {
      socket.once('data', (answer: Buffer) => {
        if (answer.toString() !== 'N') return
        servers.doWithoutTls(current)
        this.#mustDoWithoutTls = true
        // postgres.js goes on as if the answer were yes, and again for each statement in line. It notices the end only
        // once it has begun to, after this event.
        setImmediate(() => this.cut())
      })
    }
    // postgres.js names this host when it asks for the certificate.
    return Object.assign(socket, { host: current.host })
  }
}

function encryption(servers: PostgresServers): ConnectionOptions | 'prefer' | false {
  const { current, tls, tlsMode, isTlsOptional } = servers
  if (!tls || isSocket(current)) return false
  // At this word postgres.js does without TLS by itself, and shows no certificate.
  if (isTlsOptional) return tls.cert || tls.key ? servers.tlsFor(current) : 'prefer'
  // For an address without a name postgres.js names none either, and Node would look for 'localhost' in the certificate.
  return tlsMode === 'verify-full'
    ? {
        ...tls,
        checkServerIdentity: (_, certificate) => checkServerIdentity(servers.current.host, certificate),
      }
    : { ...tls }
}
