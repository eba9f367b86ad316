import { randomUUID } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type Sqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/sqlite-proxy'
import { storageError } from '../../driver-errors/storage-error.ts'
import { ConfigError, ConnectionError, PoolError, TransactionError } from '../../errors.ts'
import { makeFolder } from '../../make-folder.ts'
import { withoutUndefined } from '../../without-undefined.ts'
import type { CommitOrder } from '../commit-order.ts'
import { settlesWithin } from '../deadline.ts'
import type { Diagnostics } from '../diagnostics.ts'
import { diskRoom } from '../disk-room.ts'
import type { HealthCheck } from '../health.ts'
import type { KeptUsage } from '../kept-usage.ts'
import type { Leases } from '../leases.ts'
import type { MigrationTarget } from '../migration-target.ts'
import type { Health, Pool, Read, ReadDatabase, ReadOptions, StatementOptions } from '../pool.ts'
import { type PoolStats, poolStats } from '../pool-stats.ts'
import { checkLimits, limitedRead } from '../read-limit.ts'
import type { EngineSink } from '../sink.ts'
import type { Tombstones } from '../tombstones.ts'
import { sqliteCapabilities } from './capabilities.ts'
import { SqliteCheckpointer } from './checkpointer.ts'
import { SqliteCommitOrder } from './commit-order.ts'
import { sqliteDiagnostics } from './diagnostics.ts'
import { sqliteDialect } from './dialect.ts'
import { loadSqlite } from './drivers.ts'
import { sqliteKeptUsage } from './kept-usage.ts'
import { sqliteLeases } from './leases.ts'
import { SqliteTarget } from './migrations.ts'
import { type SqlitePoolOptions, type SqliteSettings, sqlitePoolDefaults } from './options.ts'
import { pulse } from './pulse.ts'
import { SqliteReadThreads } from './read-threads.ts'
import { SqliteSink } from './sink.ts'
import { keptUsageTable, pendingUsage, tables } from './tables.ts'
import { sqliteTombstones } from './tombstones.ts'
import type { SqliteTransactions, SqliteWriter } from './transactions.ts'
import { inMemory } from './url.ts'

/** Compiled reads that are kept; filters come in many shapes. */
const mostReadStatements = 200
/** A database of so many bytes answers any question before somebody else would have been served. */
const smallBytes = 4 * 1024 * 1024
/** Rows that are read at once on the event loop: one more than the largest page has. */
const mostRowsHere = 1_001

/**
 * One connection that writes and one that reads, on a file in WAL mode, and threads for reads that may be long.
 * Transactions queue for the writer one by one; each begins with BEGIN IMMEDIATE, so that two processes never deadlock on
 * an upgrade of a lock.
 */
export class SqlitePool implements Pool, SqliteTransactions {
  readonly name = 'sqlite'
  readonly productName = 'SQLite'
  readonly location: string
  readonly origin = randomUUID()
  readonly db: ReadDatabase
  readonly tables = tables
  readonly dialect = sqliteDialect
  readonly capabilities = sqliteCapabilities
  readonly diagnostics: Diagnostics
  /** The disk of the file, where there is one. */
  readonly checks: readonly HealthCheck[]
  readonly commitOrder: CommitOrder = new SqliteCommitOrder(this)
  readonly leases: Leases = sqliteLeases(this)
  readonly pendingUsage = pendingUsage
  readonly keptUsageTable = keptUsageTable
  readonly keptUsage: KeptUsage = sqliteKeptUsage(this)
  readonly tombstones: Tombstones = sqliteTombstones(this)
  readonly #writer: Sqlite.Database
  readonly #reader: Sqlite.Database
  readonly #checkpointer: SqliteCheckpointer | undefined
  readonly #threads: SqliteReadThreads | undefined
  readonly #settings: SqliteSettings
  readonly #pageCount: Sqlite.Statement
  readonly #pageBytes: number
  readonly #file: string | undefined
  readonly #statements = new Map<string, Sqlite.Statement<unknown[]>>()
  readonly #readStatements = new Map<string, Sqlite.Statement<unknown[]>>()
  #lastWrite: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #closed: Promise<void> | undefined

  private constructor(location: string, writer: Sqlite.Database, reader: Sqlite.Database, settings: SqliteSettings) {
    this.location = location
    this.#writer = writer
    this.#reader = reader
    this.#settings = settings
    this.#file = fileOf(writer.name)
    this.#checkpointer = writer === reader ? undefined : new SqliteCheckpointer(writer.name)
    this.#threads = writer === reader ? undefined : openThreads(writer.name, settings)
    this.#pageCount = reader.prepare('pragma page_count').pluck()
    this.#pageBytes = Number(reader.pragma('page_size', { simple: true }))
    this.db = this.dbWithin({})
    this.diagnostics = sqliteDiagnostics(this)
    this.checks = writer === reader ? [] : [diskRoom(writer.name)]
  }

  /**
   * Opens the file, and creates it and its folder where they are missing.
   *
   * @throws ConnectionError when the file cannot be opened; ConfigError when the driver cannot be loaded
   */
  static async open(path: string, location: string, options: SqlitePoolOptions = {}): Promise<SqlitePool> {
    const Database = await loadSqlite()
    const settings: SqliteSettings = { ...sqlitePoolDefaults, ...withoutUndefined(options) }
    checkSettings(settings)
    const { busyTimeoutMs, synchronous } = settings
    const opened: Sqlite.Database[] = []
    const connect = (timeout: number) => {
      const connection = new Database(path, { timeout })
      // Its job is done in the threads; here nothing ends a statement.
      connection.function(pulse, () => 1)
      opened.push(connection)
      return connection
    }
    try {
      if (path === inMemory) {
        const only = connect(busyTimeoutMs)
        return new SqlitePool(location, only, only, settings)
      }
      makeFolder(dirname(path))
      const writer = connect(10_000)
      await retryWhileBusy(() => writer.pragma('journal_mode = WAL'), busyTimeoutMs)
      writer.pragma(`synchronous = ${synchronous}`)
      // Another thread copies the log; this is for when it cannot keep up.
      writer.pragma('wal_autocheckpoint = 16384')
      // Waiting happens in `transaction`, where it does not block the event loop.
      writer.pragma('busy_timeout = 0')
      const reader = connect(busyTimeoutMs)
      reader.pragma('query_only = on')
      return new SqlitePool(location, writer, reader, settings)
    } catch (error) {
      for (const connection of opened) connection.close()
      throw storageError(error, `open ${location}`)
    }
  }

  get isShared(): boolean {
    return this.#reader === this.#writer
  }

  transaction<T>(during: string, work: (writer: SqliteWriter) => T | Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new PoolError(`Could not ${during}: the pool is closed.`))
    this.#waiting += 1
    const turn = this.#lastWrite.then(() => this.#run(during, work))
    this.#lastWrite = turn.then(ignore, ignore)
    return turn.finally(() => {
      this.#waiting -= 1
    })
  }

  async #run<T>(during: string, work: (writer: SqliteWriter) => T | Promise<T>): Promise<T> {
    try {
      await retryWhileBusy(() => this.#writer.exec('begin immediate'), this.#settings.busyTimeoutMs)
      try {
        const result = await work({ prepare: (text) => this.#prepare(text), exec: (text) => this.#writer.exec(text) })
        this.#checkFile()
        this.#writer.exec('commit')
        this.#checkpointer?.committed()
        return result
      } catch (error) {
        if (this.#writer.inTransaction) this.#writer.exec('rollback')
        throw error
      }
    } catch (error) {
      throw storageError(error, during)
    }
  }

  /** What is written to a file that has no name any more is lost with the process, and the system says nothing. */
  #checkFile(): void {
    if (this.isShared || this.#isSameFile()) return
    throw new ConnectionError(
      `The file of ${this.location} was deleted or replaced while it was open: nothing was written. Open the store anew.`,
    )
  }

  #prepare(text: string): Sqlite.Statement<unknown[]> {
    let statement = this.#statements.get(text)
    if (!statement) {
      statement = this.#writer.prepare<unknown[]>(text)
      this.#statements.set(text, statement)
    }
    return statement
  }

  get primary(): this {
    return this
  }

  dbWithin(options: ReadOptions): ReadDatabase {
    const db = drizzle(async (text, params, method) => {
      const rows = await this.rows(text, params, { ...options, isLong: true })
      return { rows: method === 'get' ? (rows[0] ?? []) : rows }
    })
    // See `tables.ts`.
    return db as unknown as ReadDatabase
  }

  async rows(text: string, params: readonly unknown[], options: StatementOptions = {}): Promise<unknown[][]> {
    const [rows = []] = await this.#answer([{ text, params }], options)
    return rows
  }

  snapshot(reads: readonly Read[], options: ReadOptions = {}): Promise<unknown[][][]> {
    return this.#answer(reads, options)
  }

  /** Reads at once where that is soon over, else in a thread. */
  async #answer(reads: readonly Read[], { isLong = false, ...limits }: StatementOptions): Promise<unknown[][][]> {
    const during = `query ${this.location}`
    if (this.#closed) throw new PoolError(`Could not ${during}: the pool is closed.`)
    checkLimits(limits)
    try {
      const soon = isLong ? undefined : this.#answerHere(reads, this.#threads?.mayStart ? mostRowsHere : undefined)
      return soon ?? (await this.#answerInThread(during, reads, limits)) ?? (this.#answerHere(reads) as unknown[][][])
    } catch (error) {
      throw limits.signal?.aborted ? error : storageError(error, during)
    }
  }

  /** Undefined where no thread may be used, or none is worth it. */
  async #answerInThread(during: string, reads: readonly Read[], { signal, statementTimeoutMs: asked }: ReadOptions) {
    const threads = this.#threads
    if (!threads?.mayStart || this.#isSmall() || !this.#isSameFile()) return undefined
    const { statementTimeoutMs: most } = this.#settings
    const statementTimeoutMs = Math.min(asked ?? most, most)
    return limitedRead({ signal, statementTimeoutMs }, during, (end) => threads.read(during, reads, end))
  }

  /** Reads on the event loop; undefined when there are more rows of a statement than should be read there. */
  #answerHere(reads: readonly Read[], mostRows?: number): unknown[][][] | undefined {
    // In memory the one connection may have a write open, and nobody else commits between two statements.
    const isTransaction = reads.length > 1 && !this.isShared
    if (isTransaction) this.#reader.exec('begin')
    try {
      const answers: unknown[][][] = []
      for (const read of reads) {
        const rows = this.#rows(read, mostRows)
        if (rows === undefined) return undefined
        answers.push(rows)
      }
      return answers
    } finally {
      if (isTransaction) this.#reader.exec('commit')
    }
  }

  #isSmall(): boolean {
    return Number(this.#pageCount.get()) * this.#pageBytes <= smallBytes
  }

  /** A thread would open what has the name now. */
  #isSameFile(): boolean {
    return fileOf(this.#writer.name) === this.#file
  }

  async read<T>(during: string, read: (reader: Pick<SqliteWriter, 'prepare'>) => T): Promise<T> {
    if (this.#closed) throw new PoolError(`Could not ${during}: the pool is closed.`)
    try {
      return read({ prepare: (text) => this.#reader.prepare<unknown[]>(text) })
    } catch (error) {
      throw storageError(error, during)
    }
  }

  #rows({ text, params }: Read, mostRows?: number): unknown[][] | undefined {
    let statement = this.#readStatements.get(text)
    if (!statement) {
      statement = this.#reader.prepare<unknown[]>(text).raw()
      if (this.#readStatements.size >= mostReadStatements) this.#readStatements.clear()
      this.#readStatements.set(text, statement)
    }
    if (mostRows === undefined) return statement.all(...params) as unknown[][]
    const rows: unknown[][] = []
    for (const row of statement.iterate(...params)) {
      if (rows.length === mostRows) return undefined
      rows.push(row as unknown[])
    }
    return rows
  }

  async health(): Promise<Health> {
    const started = performance.now()
    try {
      const version = String(this.#reader.prepare('select sqlite_version()').pluck().get())
      return { ok: true, latencyMs: performance.now() - started, version }
    } catch (error) {
      const { message } = storageError(error, `query ${this.location}`)
      return { ok: false, latencyMs: performance.now() - started, error: message }
    }
  }

  createEngineSink(): EngineSink {
    return new SqliteSink(this)
  }

  migrationTarget(): MigrationTarget {
    return new SqliteTarget(this)
  }

  /** A database in memory is its pool's alone. */
  async identity(): Promise<string> {
    return `sqlite:${hostname()}:${this.isShared ? this.origin : realpathSync(this.#writer.name)}`
  }

  stats(): PoolStats {
    // The budget is the one writer: reads are over before anybody could look.
    const active = Math.min(this.#waiting, 1)
    return poolStats({ max: 1, size: this.#closed ? 0 : 1, active, waiting: this.#waiting - active })
  }

  close(deadlineMs = 5_000): Promise<void> {
    this.#closed ??= this.#close(deadlineMs)
    return this.#closed
  }

  async #close(deadlineMs: number): Promise<void> {
    await Promise.all([settlesWithin(this.#lastWrite, deadlineMs), this.#threads?.close(deadlineMs)])
    await this.#checkpointer?.close()
    this.#reader.close()
    this.#writer.close()
  }
}

const ignore = () => undefined

/** What tells a file from another one of the same name; undefined where there is none. */
function fileOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

/** @throws ConfigError for a setting that cannot be used */
function checkSettings({ statementTimeoutMs, readThreads }: SqliteSettings): void {
  if (!Number.isInteger(statementTimeoutMs) || statementTimeoutMs < 1) {
    throw new ConfigError('statementTimeoutMs must be an integer, at least 1.')
  }
  if (!Number.isInteger(readThreads) || readThreads < 0) {
    throw new ConfigError(
      'readThreads must be an integer, at least 0: without threads questions are read on the event loop.',
    )
  }
}

const openThreads = (path: string, { readThreads, busyTimeoutMs, statementTimeoutMs }: SqliteSettings) =>
  new SqliteReadThreads({ path, threads: readThreads, busyTimeoutMs, waitMs: statementTimeoutMs })

/** Retries a statement while another process holds the file, without blocking the event loop. */
async function retryWhileBusy(statement: () => unknown, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (let attempt = 1; ; attempt += 1) {
    try {
      statement()
      return
    } catch (error) {
      const busy = error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
      if (!busy) throw error
      if (performance.now() > deadline) {
        throw new TransactionError(`Another process kept the database locked for more than ${timeoutMs} ms.`)
      }
    }
    await delay(Math.random() * Math.min(2 ** attempt, 25))
  }
}
