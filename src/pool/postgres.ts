import { drizzle } from 'drizzle-orm/pg-proxy'
import type pg from 'pg'
import type postgres from 'postgres'
import * as tables from '../../schema/postgres.ts'
import { postgresDialect } from '../dialects/postgres.ts'
import { ConfigError, PoolError, storageError } from '../errors.ts'
import { withDeadline } from './deadline.ts'
import { loadDriver } from './load-driver.ts'
import type { Health, PoolBase, PoolStats, ReadDatabase } from './pool.ts'
import { isRefusal, WriteConnections } from './write-connections.ts'

/** Options of a PostgreSQL pool. */
export interface PostgresPoolOptions {
  /** Connections that this pool may open, reads and writes together; at least 2. @default 10 */
  maxConnections?: number | undefined
  /** How long a connection may take to open, in milliseconds. @default 10000 */
  connectTimeoutMs?: number | undefined
  /** How long a connection may stay unused before it is closed, in milliseconds. @default 300000 */
  idleTimeoutMs?: number | undefined
  /** How long a connection is used before it is replaced, in milliseconds. @default 1800000 */
  maxLifetimeMs?: number | undefined
  /**
   * How long one statement may run, in milliseconds. The server stops it then; where the server does not even do
   * that, the call fails two seconds later and its connection is given up. @default 30000
   */
  statementTimeoutMs?: number | undefined
  /** How the sessions call themselves in `pg_stat_activity`. @default 'tracehold' */
  applicationName?: string | undefined
}

export const postgresPoolDefaults = {
  maxConnections: 10,
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 300_000,
  maxLifetimeMs: 1_800_000,
  statementTimeoutMs: 30_000,
  applicationName: 'tracehold',
} as const satisfies Required<PostgresPoolOptions>

/** Every option with its value. */
export type PostgresSettings = { [K in keyof PostgresPoolOptions]-?: NonNullable<PostgresPoolOptions[K]> }
type Drivers = { postgres: typeof postgres; pg: typeof pg }

/** The server's own statement timeout comes first; past this the connection is taken for dead. */
const graceMs = 2_000

/**
 * One budget of connections over two drivers: postgres.js reads, pg writes (only pg can COPY and hold a transaction for
 * a sink). Nothing is opened before the first call.
 */
export class PostgresPool implements PoolBase {
  readonly engine = 'postgres'
  readonly location: string
  readonly db: ReadDatabase
  readonly tables = tables
  readonly dialect = postgresDialect
  /** The part of the budget that writes may use. */
  readonly maxWriters: number
  readonly #url: string
  readonly #settings: PostgresSettings
  readonly #drivers: Drivers
  readonly #writers: WriteConnections
  readonly #maxReaders: number
  #reader: postgres.Sql
  #reading = 0
  #closed: Promise<void> | undefined

  private constructor(url: string, location: string, settings: PostgresSettings, drivers: Drivers) {
    this.location = location
    this.#url = url
    this.#settings = settings
    this.#drivers = drivers
    this.maxWriters = Math.max(1, Math.floor(settings.maxConnections * 0.4))
    this.#maxReaders = settings.maxConnections - this.maxWriters
    this.#reader = this.#openReader()
    this.#writers = new WriteConnections(drivers.pg, url, this.maxWriters, settings)
    this.db = drizzle(async (text, params, method) => ({ rows: await this.#read(text, params, method) }))
  }

  /**
   * Prepares a pool; connects only when the first call needs it.
   *
   * @throws ConfigError when a driver is not installed or an option is out of range
   */
  static async open(url: string, location: string, options: PostgresPoolOptions = {}): Promise<PostgresPool> {
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
    const settings: PostgresSettings = { ...postgresPoolDefaults, ...given }
    if (!Number.isInteger(settings.maxConnections) || settings.maxConnections < 2) {
      throw new ConfigError('maxConnections must be an integer, at least 2: one connection reads and one writes.')
    }
    if (!Number.isInteger(settings.statementTimeoutMs) || settings.statementTimeoutMs < 1) {
      throw new ConfigError(
        'statementTimeoutMs must be an integer, at least 1: a call without an end blocks its connection.',
      )
    }
    const install = 'postgres pg pg-copy-streams'
    const { default: postgresJs } = await loadDriver(() => import('postgres'), 'postgres', install)
    const { default: nodePostgres } = await loadDriver(() => import('pg'), 'pg', install)
    return new PostgresPool(url, location, settings, { postgres: postgresJs, pg: nodePostgres })
  }

  #openReader(): postgres.Sql {
    const { connectTimeoutMs, idleTimeoutMs, maxLifetimeMs, statementTimeoutMs, applicationName } = this.#settings
    const asText = { serialize: String, parse: (value: string) => value }
    return this.#drivers.postgres(this.#url, {
      max: this.#maxReaders,
      connect_timeout: connectTimeoutMs / 1000,
      idle_timeout: idleTimeoutMs / 1000,
      max_lifetime: maxLifetimeMs / 1000,
      fetch_types: false,
      onnotice: () => {},
      connection: { application_name: applicationName, TimeZone: 'UTC', statement_timeout: statementTimeoutMs },
      // Drizzle's columns read dates and times from text, to the microsecond.
      types: { time: { to: 1184, from: [1082, 1083, 1114, 1184, 1186], ...asText } },
    })
  }

  rows(text: string, params: readonly unknown[]): Promise<unknown[][]> {
    return this.#read(text, params, 'all')
  }

  async #read(text: string, params: readonly unknown[], method: string): Promise<unknown[][]> {
    if (this.#closed) throw new PoolError('The pool is closed.')
    const reader = this.#reader
    // Values arrive as Drizzle encoded them; the server's own types decide how they are read.
    const query = reader.unsafe(text, params as postgres.ParameterOrJSON<never>[], { prepare: true })
    this.#reading += 1
    try {
      const rows = method === 'all' ? query.values() : query
      const deadlineMs = this.#settings.statementTimeoutMs + graceMs
      const result: unknown = await withDeadline(rows, deadlineMs, 'query', () => this.#retire(reader))
      return result as unknown[][]
    } catch (error) {
      throw storageError(error, `query ${this.location}`)
    } finally {
      this.#reading -= 1
    }
  }

  /** A connection that outlived the server's own timeout is dead, and its siblings may be: later calls get new ones. */
  #retire(reader: postgres.Sql): void {
    if (reader !== this.#reader || this.#closed) return
    this.#reader = this.#openReader()
    void reader.end({ timeout: graceMs / 1000 }).catch(() => {})
  }

  /**
   * Runs `work` on one write connection, which is given up when `work` fails or does not end in time.
   *
   * @param deadlineMs how long all of `work` may take, waiting for a connection included.
   *   @default twice the statement timeout
   */
  withConnection<T>(
    during: string,
    work: (connection: pg.PoolClient) => Promise<T>,
    deadlineMs = this.#settings.statementTimeoutMs * 2,
  ): Promise<T> {
    return this.#writers.withConnection(during, work, deadlineMs)
  }

  /** Runs `work` in one transaction (READ COMMITTED), committed when it returns and rolled back when it throws. */
  transaction<T>(during: string, work: (connection: pg.PoolClient) => Promise<T>, deadlineMs?: number): Promise<T> {
    const run = async (connection: pg.PoolClient) => {
      await connection.query('begin')
      try {
        const result = await work(connection)
        await connection.query('commit')
        return result
      } catch (error) {
        // After any other failure the connection is given up, and the server rolls back by itself.
        if (isRefusal(error)) await connection.query('rollback')
        throw error
      }
    }
    return this.withConnection(during, run, deadlineMs)
  }

  async health(): Promise<Health> {
    const started = performance.now()
    try {
      const [row] = await this.#read('show server_version', [], 'all')
      return { ok: true, latencyMs: performance.now() - started, version: String(row?.[0]) }
    } catch (error) {
      const { message } = storageError(error, `query ${this.location}`)
      return { ok: false, latencyMs: performance.now() - started, error: message }
    }
  }

  stats(): PoolStats {
    const reading = Math.min(this.#reading, this.#maxReaders)
    const max = this.#settings.maxConnections
    const active = reading + this.#writers.active
    const waiting = this.#reading - reading + this.#writers.waiting
    return { max, active, waiting, utilization: active / max }
  }

  close(deadlineMs = 5_000): Promise<void> {
    this.#closed ??= this.#close(deadlineMs)
    return this.#closed
  }

  async #close(deadlineMs: number): Promise<void> {
    await Promise.all([this.#reader.end({ timeout: deadlineMs / 1000 }), this.#writers.close(deadlineMs)])
  }
}
