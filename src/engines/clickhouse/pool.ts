import { setTimeout as delay } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/pg-proxy'
import { keptUsage, clickhouseTables as tables } from '../../../schema/clickhouse.ts'
import { storageError } from '../../driver-errors/storage-error.ts'
import { ConfigError, ConnectionError, PoolError } from '../../errors.ts'
import { withoutUndefined } from '../../without-undefined.ts'
import { askIdentity } from '../ask-identity.ts'
import type { CommitOrder } from '../commit-order.ts'
import type { Diagnostics } from '../diagnostics.ts'
import { roomCheck } from '../disk-room.ts'
import type { HealthCheck } from '../health.ts'
import type { KeptUsage } from '../kept-usage.ts'
import type { Leases } from '../leases.ts'
import type { MigrationTarget } from '../migration-target.ts'
import type { Health, Pool, Read, ReadDatabase, ReadOptions } from '../pool.ts'
import { type PoolStats, poolStats } from '../pool-stats.ts'
import { limitedRead } from '../read-limit.ts'
import type { EngineSink } from '../sink.ts'
import type { Tombstones } from '../tombstones.ts'
import { notifyWrite } from '../write-events.ts'
import { clickhouseCapabilities } from './capabilities.ts'
import { clickhouseCommitOrder } from './commit-order.ts'
import {
  type Chunks,
  type ClickHouseConnection,
  type ClickHouseSettings,
  type LineFormat,
  sessionSettings,
} from './connection.ts'
import { Deletes } from './deletes.ts'
import { clickhouseDiagnostics } from './diagnostics.ts'
import { clickhouseDialect } from './dialect.ts'
import { loadChdb, loadClient } from './drivers.ts'
import { EmbeddedConnection } from './embedded.ts'
import { HttpConnection } from './http.ts'
import { clickhouseKeptUsage } from './kept-usage.ts'
import { clickhouseLeases } from './leases.ts'
import { ClickHouseTarget } from './migrations.ts'
import { type ClickHousePoolOptions, type ClickHousePoolSettings, clickhousePoolDefaults } from './options.ts'
import { ClickHouseSink } from './sink.ts'
import { ClickHouseSqlDialect } from './sql.ts'
import type { ClickHouseStatements } from './statements.ts'
import { clickhouseTombstones } from './tombstones.ts'
import type { ClickHouseAddress } from './url.ts'

/** Of the fullest disk; of a user who may not ask for it nothing is known. */
const freeSpace = "select min(toFloat64(free_space)) from system.disks where type = 'Local'"
const databaseUuid = 'select toString(uuid) from system.databases where name = currentDatabase()'
/** The answer of a server whose databases have no name of their own. */
const noUuid = '00000000-0000-0000-0000-000000000000'

/** Node has four threads for what waits, files and names too, and a statement of the embedded engine keeps one. */
const mostSessions = 3

/** The server's own timeout comes first; past this the connection is taken for dead. */
const graceMs = 2_000

/** Statements to one ClickHouse database, over HTTP or to the engine in this process. Each is a transaction of its own. */
export class ClickHousePool implements Pool, ClickHouseStatements {
  readonly name = 'clickhouse'
  readonly productName = 'ClickHouse'
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
  readonly capabilities = clickhouseCapabilities
  readonly diagnostics: Diagnostics
  /** The disk of the tables. */
  readonly checks: readonly HealthCheck[] = [roomCheck(() => freeBytes(this))]
  readonly commitOrder: CommitOrder = clickhouseCommitOrder(this)
  readonly leases: Leases = clickhouseLeases(this)
  readonly keptUsageTable = keptUsage
  readonly keptUsage: KeptUsage = clickhouseKeptUsage(this)
  readonly tombstones: Tombstones = clickhouseTombstones(this, new Deletes(this))
  readonly #connection: ClickHouseConnection
  readonly maxConnections: number
  readonly #running = new Set<Promise<unknown>>()
  #closed: Promise<void> | undefined
  #isCutOff = false

  private constructor(
    location: string,
    address: ClickHouseAddress,
    connection: ClickHouseConnection,
    settings: ClickHousePoolSettings,
  ) {
    this.location = location
    this.database = address.database
    this.isEmbedded = 'path' in address
    this.asyncInsert = settings.asyncInsert && !this.isEmbedded
    this.diagnostics = clickhouseDiagnostics(this, address)
    this.#connection = connection
    this.maxConnections = settings.maxConnections
    this.db = this.dbWithin({})
  }

  /**
   * Prepares a pool. A server is asked only when the first call needs it; a directory is opened.
   *
   * @throws ConfigError when a driver is not installed, an option is out of range, or this process has another directory
   *   open; ConnectionError when the directory cannot be opened
   */
  static async open(
    address: ClickHouseAddress,
    location: string,
    options: ClickHousePoolOptions = {},
  ): Promise<ClickHousePool> {
    const settings: ClickHousePoolSettings = { ...clickhousePoolDefaults, ...withoutUndefined(options) }
    if (!Number.isInteger(settings.maxConnections) || settings.maxConnections < 1) {
      throw new ConfigError('maxConnections must be an integer, at least 1.')
    }
    if (!Number.isInteger(settings.statementTimeoutMs) || settings.statementTimeoutMs < 1) {
      throw new ConfigError(
        'statementTimeoutMs must be an integer, at least 1: a call without an end blocks its connection.',
      )
    }
    if ('path' in address) settings.maxConnections = Math.min(settings.maxConnections, mostSessions)
    const connection = 'path' in address ? await embedded(address, location, settings) : await server(address, settings)
    return new ClickHousePool(location, address, connection, settings)
  }

  get primary(): this {
    return this
  }

  dbWithin(options: ReadOptions): ReadDatabase {
    return drizzle(
      // For `execute` Drizzle wants rows as objects.
      async (text, params, method) => ({
        rows: await this.#read(text, params, method === 'all' ? 'JSONCompactEachRow' : 'JSONEachRow', options),
      }),
      {},
      () => new ClickHouseSqlDialect(),
    )
  }

  rows(text: string, params: readonly unknown[], options: ReadOptions = {}): Promise<unknown[][]> {
    return this.#read(text, params, 'JSONCompactEachRow', options)
  }

  /** Each statement sees its own moment: ClickHouse has no snapshots. */
  snapshot(reads: readonly Read[], options: ReadOptions = {}): Promise<unknown[][][]> {
    return Promise.all(reads.map(({ text, params }) => this.rows(text, params, options)))
  }

  async #read<T>(text: string, params: readonly unknown[], format: LineFormat, options: ReadOptions): Promise<T[]> {
    const named = Object.fromEntries(params.map((value, i) => [`p${i}`, value]))
    const during = `query ${this.location}`
    const call = (end?: AbortSignal) => this.#call(during, () => this.#connection.query(text, named, format, end))
    const lines = await limitedRead(options, during, call)
    return JSON.parse(`[${lines.trimEnd().replaceAll('\n', ',')}]`)
  }

  async command(text: string, options: { during?: string; params?: Record<string, unknown> } = {}): Promise<void> {
    const { during = `change ${this.location}`, params = {} } = options
    await this.#call(during, () => this.#connection.command(text, params))
  }

  async insertBinary(
    table: string,
    columns: readonly string[],
    chunks: Chunks,
    options: { during?: string; settings?: ClickHouseSettings } = {},
  ): Promise<void> {
    const { during = `write to ${table}`, settings = {} } = options
    await this.#call(during, () => this.#connection.insert(table, columns, chunks, settings))
  }

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

  createEngineSink(): EngineSink {
    return new ClickHouseSink(this, (projectId, traceIds) =>
      notifyWrite(this, () => ({ projectId, entities: ['traces'], traceIds })),
    )
  }

  migrationTarget(): MigrationTarget {
    return new ClickHouseTarget(this)
  }

  async identity(): Promise<string | undefined> {
    const [uuid] = (await askIdentity(this, databaseUuid)) ?? []
    return uuid === undefined || uuid === noUuid ? undefined : `clickhouse:${uuid}`
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
    const max = this.maxConnections
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
  { url, database }: Extract<ClickHouseAddress, { url: string }>,
  { maxConnections, statementTimeoutMs, applicationName, compression }: ClickHousePoolSettings,
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
  { path, database }: Extract<ClickHouseAddress, { path: string }>,
  location: string,
  { maxConnections, statementTimeoutMs }: ClickHousePoolSettings,
): Promise<ClickHouseConnection> {
  const { createClient } = await loadClient()
  const { createChdbConnection } = await loadChdb()
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

async function freeBytes(pool: Pick<Pool, 'rows'>): Promise<number | undefined> {
  try {
    const [row] = await pool.rows(freeSpace, [])
    return Number(row?.[0]) || undefined
  } catch {
    // Whether the server answers is another check's.
    return undefined
  }
}
