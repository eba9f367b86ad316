import { drizzle } from 'drizzle-orm/pg-proxy'
import type pg from 'pg'
import type postgres from 'postgres'
import * as tables from '../../../schema/postgres.ts'
import { PoolError } from '../../errors.ts'
import { withoutUndefined } from '../../without-undefined.ts'
import { askIdentity } from '../ask-identity.ts'
import type { CommitOrder } from '../commit-order.ts'
import type { Diagnostics } from '../diagnostics.ts'
import type { Health, HealthCheck } from '../health.ts'
import type { KeptUsage } from '../kept-usage.ts'
import type { Leases } from '../leases.ts'
import type { MigrationTarget } from '../migration-target.ts'
import type { Notifications } from '../notifications.ts'
import type { Pool, Read, ReadDatabase, ReadOptions } from '../pool.ts'
import { type PoolStats, poolStats } from '../pool-stats.ts'
import { limitedRead } from '../read-limit.ts'
import type { EngineSink, SinkOptions } from '../sink.ts'
import type { Tombstones } from '../tombstones.ts'
import { postgresCapabilities } from './capabilities.ts'
import { PostgresCommitOrder } from './commit-order.ts'
import { postgresDiagnostics } from './diagnostics.ts'
import { postgresDialect } from './dialect.ts'
import { loadPostgresDrivers } from './drivers.ts'
import { askVersion } from './health.ts'
import { postgresKeptUsage } from './kept-usage.ts'
import { KnownTraces } from './known-traces.ts'
import { postgresLeases } from './leases.ts'
import { PostgresTarget } from './migrations.ts'
import { PostgresNotifications } from './notifications.ts'
import { type PostgresPoolOptions, type PostgresSettings, postgresSettings } from './options.ts'
import { ReadConnections } from './read-connections.ts'
import { Replica } from './replica.ts'
import { PostgresServers } from './servers.ts'
import { PostgresSink } from './sink.ts'
import { postgresTombstones } from './tombstones.ts'
import type { PostgresTransactions } from './transactions.ts'
import { type PostgresAddress, parsePostgresUrl } from './url.ts'
import { isRefusal, WriteConnections } from './write-connections.ts'

type Drivers = { postgres: typeof postgres; pg: typeof pg }

/** A cluster and a database in it. A copy of the files, such as a replica, has the same. */
const databaseName = `select system_identifier::text,
  (select oid from pg_database where datname = current_database())::text from pg_control_system()`
/** A running server, to the microsecond of its start, and a database in it. */
const runningServer = `select pg_postmaster_start_time()::text, oid::text from pg_database
  where datname = current_database()`

/** The part of the budget that writes may use. */
const writersShare = 0.4

/** What a pool is made of. */
interface Parts {
  readonly settings: PostgresSettings
  readonly servers: PostgresServers
  readonly readers: ReadConnections
  readonly writers: WriteConnections
  readonly replica: Replica | undefined
  readonly openListener: () => ReadConnections
}

function openParts(address: PostgresAddress, options: PostgresPoolOptions, drivers: Drivers): Parts {
  const settings = postgresSettings(address, options)
  const { maxConnections, minConnections } = settings
  const maxWriters = Math.max(1, Math.floor(maxConnections * writersShare))
  const minWriters = Math.floor(minConnections * writersShare)
  const [maxReaders, minReaders] = [maxConnections - maxWriters, minConnections - minWriters]
  const openReaders = (of: PostgresServers) =>
    new ReadConnections(drivers.postgres, of, maxReaders, minReaders, settings)
  const servers = new PostgresServers(address, options.tls, options.retry)
  const readers = openReaders(servers)
  servers.onMove = () => readers.renew()
  return {
    settings,
    servers,
    readers,
    writers: new WriteConnections(drivers.pg, servers, maxWriters, minWriters, settings),
    replica: options.replicaUrl ? new Replica(openReaders(replicaServers(options.replicaUrl, options))) : undefined,
    openListener: () => new ReadConnections(drivers.postgres, servers, 1, 0, settings),
  }
}

function replicaServers(url: string, { tls, retry }: PostgresPoolOptions): PostgresServers {
  const address = { ...parsePostgresUrl(url), standbyWillDo: true }
  // Here its own URL says it more exactly: the options are meant for the primary first.
  return new PostgresServers(address, { ...tls, ...withoutUndefined(address.tls) }, retry)
}

/**
 * One budget of connections over two drivers: postgres.js reads, pg writes (only pg can COPY and hold a transaction for
 * a sink). Nothing is opened before the first call.
 */
export class PostgresPool implements Pool, PostgresTransactions {
  readonly name = 'postgres'
  readonly productName = 'PostgreSQL'
  readonly location: string
  readonly db: ReadDatabase
  readonly tables = tables
  readonly dialect = postgresDialect
  readonly capabilities = postgresCapabilities
  readonly diagnostics: Diagnostics
  readonly commitOrder: CommitOrder = new PostgresCommitOrder(this)
  readonly leases: Leases = postgresLeases(this)
  readonly pendingUsage = tables.pendingUsage
  readonly keptUsageTable = tables.keptUsage
  readonly keptUsage: KeptUsage = postgresKeptUsage(this)
  readonly tombstones: Tombstones = postgresTombstones(this)
  readonly notifications: Notifications
  readonly maxWriters: number
  /** The replica, where there is one. */
  readonly checks: readonly HealthCheck[]
  readonly #knownTraces = new KnownTraces()
  readonly #parts: Parts
  #primary: PostgresPool | undefined
  #closed: Promise<void> | undefined

  private constructor(parts: Parts) {
    this.#parts = parts
    this.location = parts.servers.address.location
    this.maxWriters = parts.writers.max
    this.checks = parts.replica ? [parts.replica] : []
    this.diagnostics = postgresDiagnostics(this, parts.servers)
    this.notifications = new PostgresNotifications(this, parts.openListener)
    this.db = this.dbWithin({})
  }

  /**
   * Prepares a pool; connects only when the first call needs it.
   *
   * @throws ConfigError when a driver is not installed or an option is out of range
   */
  static async open(address: PostgresAddress, options: PostgresPoolOptions = {}): Promise<PostgresPool> {
    const [{ default: postgresJs }, { default: nodePostgres }] = await loadPostgresDrivers()
    return new PostgresPool(openParts(address, options, { postgres: postgresJs, pg: nodePostgres }))
  }

  /** The same pool without its replica. */
  get primary(): PostgresPool {
    if (!this.#parts.replica) return this
    this.#primary ??= new PostgresPool({ ...this.#parts, replica: undefined })
    return this.#primary
  }

  dbWithin(options: ReadOptions): ReadDatabase {
    return drizzle(async (text, params, method) => ({
      rows: await this.#read(options, (connections, end) => connections.query({ text, params }, method, { end })),
    }))
  }

  rows(text: string, params: readonly unknown[], options: ReadOptions = {}): Promise<unknown[][]> {
    return this.#read(options, (connections, end) => connections.query({ text, params }, 'all', { end }))
  }

  snapshot(reads: readonly Read[], options: ReadOptions = {}): Promise<unknown[][][]> {
    return this.#read(options, (connections, end) => connections.snapshot(reads, end))
  }

  async #read<T>(
    options: ReadOptions,
    read: (connections: ReadConnections, end: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    if (this.#closed) throw new PoolError('The pool is closed.')
    const { replica, servers, readers, settings } = this.#parts
    const during = `query ${this.location}`
    return limitedRead(options, during, async (end) => {
      const copy = replica && (await replica.read((connections) => read(connections, end)))
      return copy ?? servers.reach(during, () => read(readers, end), settings.statementTimeoutMs)
    })
  }

  withConnection<T>(
    during: string,
    work: (connection: pg.PoolClient) => Promise<T>,
    deadlineMs = this.#parts.settings.statementTimeoutMs * 2,
  ): Promise<T> {
    return this.#parts.writers.withConnection(during, work, deadlineMs)
  }

  transaction<T>(during: string, work: (connection: pg.PoolClient) => Promise<T>, deadlineMs?: number): Promise<T> {
    const run = async (connection: pg.PoolClient) => {
      await connection.query('begin isolation level read committed')
      try {
        const result = await work(connection)
        await connection.query('commit')
        await this.#holdReplica(connection)
        return result
      } catch (error) {
        // After any other failure the connection is given up, and the server rolls back by itself.
        if (isRefusal(error)) await connection.query('rollback')
        throw error
      }
    }
    return this.withConnection(during, run, deadlineMs)
  }

  /** Reads go to the primary until the replica has what was just committed. */
  async #holdReplica(connection: pg.PoolClient): Promise<void> {
    if (!this.#parts.replica) return
    try {
      const { rows } = await connection.query<{ position: string }>(
        'select pg_current_wal_insert_lsn()::text as position',
      )
      if (rows[0]) this.#parts.replica.follow(rows[0].position)
    } catch {
      // The commit holds. Without a position to wait for, reads may see an older state on the replica.
    }
  }

  createEngineSink({ method }: SinkOptions = {}): EngineSink {
    return new PostgresSink(this, method, this.#knownTraces)
  }

  migrationTarget(): MigrationTarget {
    return new PostgresTarget(this)
  }

  async identity(): Promise<string | undefined> {
    const parts = await askIdentity(this, databaseName)
    return parts && `postgres:${parts.join(':')}`
  }

  async instance(): Promise<string> {
    const [row = []] = await this.primary.rows(runningServer, [])
    return row.join(':')
  }

  health(): Promise<Health> {
    return askVersion(this.#parts.readers)
  }

  stats(): PoolStats {
    const [readers, writers, copies] = [this.#parts.readers, this.#parts.writers, this.#parts.replica?.connections]
    return poolStats({
      max: this.#parts.settings.maxConnections,
      size: readers.size + writers.size,
      active: readers.active + writers.active,
      waiting: readers.waiting + writers.waiting,
      ...(copies && { replica: poolStats(copies) }),
    })
  }

  close(deadlineMs = 5_000): Promise<void> {
    this.#closed ??= this.#close(deadlineMs)
    return this.#closed
  }

  async #close(deadlineMs: number): Promise<void> {
    const parts = [this.#parts.readers, this.#parts.writers, this.#parts.replica]
    await Promise.all(parts.map((part) => part?.close(deadlineMs)))
  }
}
