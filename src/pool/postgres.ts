import { drizzle } from 'drizzle-orm/pg-proxy'
import type pg from 'pg'
import type postgres from 'postgres'
import * as tables from '../../schema/postgres.ts'
import { postgresDialect } from '../dialects/postgres.ts'
import { ConfigError, PoolError, storageError } from '../errors.ts'
import { withDeadline } from './deadline.ts'
import { loadDriver } from './load-driver.ts'
import type { Health, PoolBase, PoolStats, ReadDatabase } from './pool.ts'

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

type Settings = { [K in keyof PostgresPoolOptions]-?: NonNullable<PostgresPoolOptions[K]> }
type Drivers = { postgres: typeof postgres; pg: typeof pg }

const writerSession = [
  '-c TimeZone=UTC',
  '-c jit=off',
  '-c enable_seqscan=off',
  '-c enable_nestloop=off',
  '-c plan_cache_mode=force_generic_plan',
].join(' ')

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
  readonly #settings: Settings
  readonly #drivers: Drivers
  readonly #writers: pg.Pool
  readonly #maxReaders: number
  #reader: postgres.Sql
  #reading = 0
  #closed: Promise<void> | undefined

  private constructor(url: string, location: string, settings: Settings, drivers: Drivers) {
    this.location = location
    this.#url = url
    this.#settings = settings
    this.#drivers = drivers
    this.maxWriters = Math.max(1, Math.floor(settings.maxConnections * 0.4))
    this.#maxReaders = settings.maxConnections - this.maxWriters
    this.#reader = this.#openReader()
    this.#writers = this.#openWriters(this.maxWriters)
    this.db = drizzle(async (text, params, method) => ({ rows: await this.#read(text, params, method) }))
  }

  /**
   * Prepares a pool; connects only when the first call needs it.
   *
   * @throws ConfigError when a driver is not installed or an option is out of range
   */
  static async open(url: string, location: string, options: PostgresPoolOptions = {}): Promise<PostgresPool> {
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
    const settings: Settings = { ...postgresPoolDefaults, ...given }
    if (settings.maxConnections < 2) {
      throw new ConfigError('maxConnections must be at least 2: one connection reads and one writes.')
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

  #openWriters(max: number): pg.Pool {
    const { connectTimeoutMs, idleTimeoutMs, maxLifetimeMs, statementTimeoutMs, applicationName } = this.#settings
    const pool = new this.#drivers.pg.Pool({
      connectionString: this.#url,
      max,
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: idleTimeoutMs,
      maxLifetimeSeconds: maxLifetimeMs / 1000,
      statement_timeout: statementTimeoutMs,
      application_name: applicationName,
      // Only the sinks' statements run here. All of them reach rows by key and join what they found by hashing: said
      // once, this holds whatever the statistics of a table that grows under them say.
      options: writerSession,
      keepAlive: true,
    })
    // An idle connection that the server closes: the pool has dropped it, and the next call opens another.
    pool.on('error', () => {})
    return pool
  }

  async #read(text: string, params: unknown[], method: string): Promise<unknown[][]> {
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
  async withConnection<T>(
    during: string,
    work: (connection: pg.PoolClient) => Promise<T>,
    deadlineMs = this.#settings.statementTimeoutMs * 2,
  ): Promise<T> {
    if (this.#closed) throw new PoolError(`Could not ${during}: the pool is closed.`)
    let connection: pg.PoolClient | undefined
    let expired = false
    const run = async () => {
      const taken = await this.#writers.connect()
      if (expired) return taken.release() as never
      connection = taken
      return work(taken)
    }
    const expire = () => {
      expired = true
      if (connection) cut(connection)
    }
    try {
      const result = await withDeadline(run(), deadlineMs, during, expire)
      connection?.release()
      return result
    } catch (error) {
      // What state the connection is in after a failure is not worth finding out.
      connection?.release(true)
      throw storageError(error, during)
    }
  }

  /** Runs `work` in one transaction (READ COMMITTED), committed when it returns and rolled back when it throws. */
  transaction<T>(during: string, work: (connection: pg.PoolClient) => Promise<T>, deadlineMs?: number): Promise<T> {
    const run = async (connection: pg.PoolClient) => {
      await connection.query('begin')
      // A failure needs no rollback: the connection is given up, and the server rolls back.
      const result = await work(connection)
      await connection.query('commit')
      return result
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
    const writing = this.#writers.totalCount - this.#writers.idleCount
    const max = this.#settings.maxConnections
    const active = reading + writing
    const waiting = this.#reading - reading + this.#writers.waitingCount
    return { max, active, waiting, utilization: active / max }
  }

  close(deadlineMs = 5_000): Promise<void> {
    this.#closed ??= this.#close(deadlineMs)
    return this.#closed
  }

  async #close(deadlineMs: number): Promise<void> {
    const reads = this.#reader.end({ timeout: deadlineMs / 1000 })
    const writes = withDeadline(this.#writers.end(), deadlineMs, 'close', () => {}).catch(() => {})
    await Promise.all([reads, writes])
  }
}

/** Ends a connection whose server does not answer; pg has no public way to do it without waiting for the server. */
function cut(connection: pg.PoolClient): void {
  const { connection: protocol } = connection as unknown as { connection: { stream: { destroy(): void } } }
  protocol.stream.destroy()
}
