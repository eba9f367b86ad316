import { setTimeout as delay } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/pg-proxy'
import { clickhouseTables as tables } from '../../../schema/clickhouse.ts'
import { storageError } from '../../driver-errors/storage-error.ts'
import { ConfigError, ConnectionError, PoolError } from '../../errors.ts'
import { given } from '../../without-undefined.ts'
import { loadDriver } from '../load-driver.ts'
import type { Health, PoolBase, Read, ReadDatabase } from '../pool.ts'
import { type PoolStats, poolStats } from '../pool-stats.ts'
import {
  type Chunks,
  type ClickHouseConnection,
  type ClickHouseSettings,
  type LineFormat,
  sessionSettings,
} from './connection.ts'
import { clickhouseDialect } from './dialect.ts'
import { EmbeddedConnection } from './embedded.ts'
import { HttpConnection } from './http.ts'
import { ClickHouseSqlDialect } from './sql.ts'
import type { ClickHousePlace } from './url.ts'

export type { ClickHousePlace } from './url.ts'

/** Options of a ClickHouse pool. */
export interface ClickHousePoolOptions {
  /**
   * Connections that this pool may open to a server, reads and writes together; at least 1. The embedded engine runs three
   * statements at once at most. @default 10
   */
  maxConnections?: number | undefined
  /**
   * How long one statement may run, in milliseconds. The server stops it then; where the server does not even do that,
   * the call fails two seconds later. @default 30000
   */
  statementTimeoutMs?: number | undefined
  /** How the requests call themselves in `system.query_log`. @default 'tracehold' */
  applicationName?: string | undefined
  /** Compresses what goes to and comes from a ClickHouse server: worth it on a slow network. @default 'none' */
  compression?: 'none' | 'gzip' | undefined
  /**
   * Lets the server gather inserts of many small writers into one part, and waits until it has stored them. It costs each
   * write up to the server's `async_insert_busy_timeout_max_ms`; larger batches are better where they are possible.
   * @default false
   */
  asyncInsert?: boolean | undefined
}

export const clickhousePoolDefaults = {
  maxConnections: 10,
  statementTimeoutMs: 30_000,
  applicationName: 'tracehold',
  compression: 'none',
  asyncInsert: false,
} as const satisfies Required<ClickHousePoolOptions>

type Settings = { [K in keyof ClickHousePoolOptions]-?: NonNullable<ClickHousePoolOptions[K]> }

/** Node has four threads for what waits, files and names too, and a statement of the embedded engine keeps one. */
const mostSessions = 3

/** The server's own timeout comes first; past this the connection is taken for dead. */
const graceMs = 2_000

/** Statements to one ClickHouse database, over HTTP or to the engine in this process. Each is a transaction of its own. */
export class ClickHousePool implements PoolBase {
  readonly engine = 'clickhouse'
  readonly location: string
  /** The ClickHouse database that holds the tables. */
  readonly database: string
  /** Whether the engine runs in this process. */
  readonly isEmbedded: boolean
  /** Whether writers let the server gather their inserts. */
  readonly asyncInsert: boolean
  readonly db: ReadDatabase
  readonly tables = tables
  readonly dialect = clickhouseDialect
  readonly #connection: ClickHouseConnection
  readonly #maxConnections: number
  readonly #running = new Set<Promise<unknown>>()
  #closed: Promise<void> | undefined
  #isCutOff = false

  private constructor(location: string, place: ClickHousePlace, connection: ClickHouseConnection, settings: Settings) {
    this.location = location
    this.database = place.database
    this.isEmbedded = 'path' in place
    this.asyncInsert = settings.asyncInsert && !this.isEmbedded
    this.#connection = connection
    this.#maxConnections = settings.maxConnections
    this.db = drizzle(
      // For `execute` Drizzle wants rows as objects.
      async (text, params, method) => ({
        rows: await this.#read(text, params, method === 'all' ? 'JSONCompactEachRow' : 'JSONEachRow'),
      }),
      {},
      () => new ClickHouseSqlDialect(),
    )
  }

  /**
   * Prepares a pool. A server is asked only when the first call needs it; a directory is opened.
   *
   * @throws ConfigError when a driver is not installed, an option is out of range, or this process has another directory
   *   open; ConnectionError when the directory cannot be opened
   */
  static async open(
    place: ClickHousePlace,
    location: string,
    options: ClickHousePoolOptions = {},
  ): Promise<ClickHousePool> {
    const settings: Settings = { ...clickhousePoolDefaults, ...given(options) }
    if (!Number.isInteger(settings.maxConnections) || settings.maxConnections < 1) {
      throw new ConfigError('maxConnections must be an integer, at least 1.')
    }
    if (!Number.isInteger(settings.statementTimeoutMs) || settings.statementTimeoutMs < 1) {
      throw new ConfigError(
        'statementTimeoutMs must be an integer, at least 1: a call without an end blocks its connection.',
      )
    }
    if ('path' in place) settings.maxConnections = Math.min(settings.maxConnections, mostSessions)
    const connection = 'path' in place ? await embedded(place, location, settings) : await server(place, settings)
    return new ClickHousePool(location, place, connection, settings)
  }

  rows(text: string, params: readonly unknown[]): Promise<unknown[][]> {
    return this.#read(text, params, 'JSONCompactEachRow')
  }

  /** Each statement sees its own moment: ClickHouse has no snapshots. */
  snapshot(reads: readonly Read[]): Promise<unknown[][][]> {
    return Promise.all(reads.map(({ text, params }) => this.rows(text, params)))
  }

  async #read<T>(text: string, params: readonly unknown[], format: LineFormat): Promise<T[]> {
    const named = Object.fromEntries(params.map((value, i) => [`p${i}`, value]))
    return this.#call(`query ${this.location}`, async () => {
      const lines = await this.#connection.query(text, named, format)
      return JSON.parse(`[${lines.trimEnd().replaceAll('\n', ',')}]`)
    })
  }

  /**
   * Runs a statement that answers nothing: DDL, INSERT … SELECT, DELETE.
   *
   * @param options what is being done, in words for an error; values of `{name:Type}`
   */
  async command(text: string, options: { during?: string; params?: Record<string, unknown> } = {}): Promise<void> {
    const { during = `change ${this.location}`, params = {} } = options
    await this.#call(during, () => this.#connection.command(text, params))
  }

  /**
   * Stores rows in the format Native, in one INSERT.
   *
   * @param columns the columns that the rows have, in their order
   */
  async insertBinary(
    table: string,
    columns: readonly string[],
    chunks: Chunks,
    options: { during?: string; settings?: ClickHouseSettings } = {},
  ): Promise<void> {
    const { during = `write to ${table}`, settings = {} } = options
    await this.#call(during, () => this.#connection.insert(table, columns, chunks, settings))
  }

  /**
   * Creates the pool's database where it is missing.
   *
   * @param clause what follows its name: `ON CLUSTER …`
   */
  async createDatabase(clause = ''): Promise<void> {
    await this.#call('create the database', () => this.#connection.createDatabase(clause))
  }

  async #call<T>(during: string, call: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new PoolError(`Could not ${during}: the pool is closed.`)
    const running = call()
    const ended = running.catch(() => undefined)
    this.#running.add(ended)
    try {
      return await running
    } catch (error) {
      if (this.#isCutOff) throw new PoolError(`Could not ${during}: the pool is closed.`)
      throw storageError(error, during)
    } finally {
      this.#running.delete(ended)
    }
  }

  async health(): Promise<Health> {
    const started = performance.now()
    try {
      const [row] = await this.rows('select version()', [])
      return { ok: true, latencyMs: performance.now() - started, version: String(row?.[0]) }
    } catch (error) {
      const { message } = storageError(error, `query ${this.location}`)
      return { ok: false, latencyMs: performance.now() - started, error: message }
    }
  }

  stats(): PoolStats {
    const max = this.#maxConnections
    const active = Math.min(this.#running.size, max)
    return poolStats({ max, size: active, active, waiting: this.#running.size - active })
  }

  close(deadlineMs = 5_000): Promise<void> {
    this.#closed ??= this.#close(deadlineMs)
    return this.#closed
  }

  async #close(deadlineMs: number): Promise<void> {
    const abort = new AbortController()
    const deadline = delay(deadlineMs, undefined, { signal: abort.signal }).catch(() => undefined)
    await Promise.race([Promise.all(this.#running), deadline])
    abort.abort()
    this.#isCutOff = true
    await this.#connection.close()
  }
}

async function server(
  { url, database }: Extract<ClickHousePlace, { url: string }>,
  { maxConnections, statementTimeoutMs, applicationName, compression }: Settings,
): Promise<ClickHouseConnection> {
  const { createClient } = await loadClient()
  return new HttpConnection(createClient, {
    url,
    database,
    maxConnections,
    requestTimeoutMs: statementTimeoutMs + graceMs,
    applicationName,
    compression,
    settings: sessionSettings(statementTimeoutMs),
  })
}

async function embedded(
  { path, database }: Extract<ClickHousePlace, { path: string }>,
  location: string,
  { maxConnections, statementTimeoutMs }: Settings,
): Promise<ClickHouseConnection> {
  const { createClient } = await loadClient()
  const { createChdbConnection } = await loadDriver(() => import('chdb/connection'), 'chdb', 'chdb @clickhouse/client')
  try {
    const drivers = { createClient, createChdbConnection }
    return await EmbeddedConnection.open(drivers, {
      ...{ path, database, sessions: maxConnections, waitMs: statementTimeoutMs },
      settings: sessionSettings(statementTimeoutMs),
    })
  } catch (error) {
    const text = error instanceof Error ? error.message : ''
    if (text.includes('only one active data directory')) {
      throw new ConfigError(
        `Could not open ${location}: this process has another directory of the embedded ClickHouse open, and it can ` +
          'have one. Close that store first, or use one directory and several databases (chdb:PATH?database=NAME).',
      )
    }
    if (/Cannot lock file|Failed to create connection/.test(text)) {
      throw new ConnectionError(
        `Could not open ${location}: another process has this directory open, or it is not readable. The embedded ` +
          'ClickHouse serves one process; run a server for several.',
      )
    }
    throw storageError(error, `open ${location}`)
  }
}

const loadClient = () => loadDriver(() => import('@clickhouse/client'), '@clickhouse/client', '@clickhouse/client')
