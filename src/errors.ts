/**
 * Every failure that tracehold reports. No message and no cause carries a parameter, a password or the content of a
 * row: what a driver threw is read in `driver-errors/`, and reduced to its code and what it names.
 */

/** What kind of failure it is; stable, for programs. */
export type ErrorCode =
  | 'connection'
  | 'query'
  | 'migration'
  | 'restored'
  | 'transaction'
  | 'validation'
  | 'serialization'
  | 'not_found'
  | 'config'
  | 'pool'
  | 'timeout'
  | 'redis'
  | 'batch'
  | 'loss'
  | 'busy'
  | 'internal'

/**
 * What a writer may do about a failure: `retry` the same rows later, `bisect` to find the row that the engine refuses,
 * or `stop` because every row would meet the same fate.
 */
export type Recovery = 'retry' | 'bisect' | 'stop'

/** The base of every error that tracehold throws. */
export class StorageError extends Error {
  readonly code: ErrorCode
  readonly recovery: Recovery

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; recovery?: Recovery } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.recovery = options.recovery ?? 'stop'
  }

  /** Whether the same call may succeed later without a change. */
  get retryable(): boolean {
    return this.recovery === 'retry'
  }
}

/** The configuration is wrong or incomplete: a URL, an option, a missing driver. */
export class ConfigError extends StorageError {
  /** Every setting that is wrong, where several were read at once; else empty. */
  readonly faults: readonly Fault[]

  constructor(message: string, options: { cause?: unknown; faults?: readonly Fault[] } = {}) {
    super('config', message, options)
    this.faults = options.faults ?? []
  }
}

/** The database file or server cannot be reached, or refuses to let us in. */
export class ConnectionError extends StorageError {
  constructor(message: string, options?: { cause?: unknown; recovery?: Recovery }) {
    super('connection', message, options)
  }
}

/** A call did not answer within its deadline. */
export class TimeoutError extends StorageError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('timeout', message, { ...options, recovery: 'retry' })
  }
}

/** The pool is closed, or has no connection to give. */
export class PoolError extends StorageError {
  constructor(message: string, options?: { cause?: unknown; recovery?: Recovery }) {
    super('pool', message, options)
  }
}

/** The engine refused a statement. */
export class QueryError extends StorageError {
  constructor(message: string, options?: { cause?: unknown; recovery?: Recovery }) {
    super('query', message, options)
  }
}

/** A transaction could not be completed: a deadlock, a serialization failure, a busy file. */
export class TransactionError extends StorageError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('transaction', message, { ...options, recovery: 'retry' })
  }
}

/** Another process does what only one at a time may do. */
export class BusyError extends StorageError {
  constructor(message: string) {
    super('busy', message, { recovery: 'retry' })
  }
}

/** The schema in the database and the migrations of this version do not fit together. */
export class MigrationError extends StorageError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('migration', message, options)
  }
}

/**
 * The database was restored, copied or promoted: what somebody has read of it, or how its rows are numbered, is of another
 * one.
 */
export class RestoredError extends StorageError {
  /** Whether `tracehold restamp` comes first: until then nothing can be followed. Otherwise only the position is lost. */
  readonly needsRestamp: boolean

  constructor(location: string, { needsRestamp = false }: { needsRestamp?: boolean } = {}) {
    super(
      'restored',
      needsRestamp
        ? `The rows of ${location} are not numbered by this server: it was restored from a dump. ` +
            'Run `tracehold restamp`, then follow from the start.'
        : `The position is of ${location} as it was before it was restored, copied or promoted. Follow from the start.`,
    )
    this.needsRestamp = needsRestamp
  }
}

/** One fault of an input: where it is and what would be right. */
export interface Fault {
  /** Where: a column, or an option. */
  readonly field: string
  /** What is wrong and what is accepted; never the value itself. */
  readonly message: string
}

/** An argument or a row is not acceptable as given. */
export class ValidationError extends StorageError {
  readonly faults: readonly Fault[]

  constructor(what: string, faults: readonly Fault[]) {
    super('validation', `${what}: ${faults.map((fault) => `${fault.field} ${fault.message}`).join('; ')}`)
    this.faults = faults
  }
}

/** A document could not be read as any format that tracehold knows. */
export class FormatError extends StorageError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('serialization', message, options)
  }
}

/** A row that was not stored, and why. */
export interface RejectedRow {
  /** The row's place in the call that wrote it. */
  readonly index: number
  readonly code: ErrorCode
  /** What is wrong, without the row's content. */
  readonly message: string
}

/** Redis is lost, slow or refuses. The database is not affected, and nobody has to wait for Redis. */
export class RedisError extends StorageError {
  constructor(message: string, options?: { cause?: unknown; recovery?: Recovery }) {
    super('redis', message, options)
  }
}

/** Some rows of a write could not be stored. All others were. */
export class BatchError extends StorageError {
  readonly rejected: readonly RejectedRow[]
  /** How many rows of the same call were stored. */
  readonly stored: number

  constructor(entity: string, stored: number, rejected: readonly RejectedRow[]) {
    const [first] = rejected
    super(
      'batch',
      `${rejected.length} of ${stored + rejected.length} ${entity} were rejected and ${stored} stored; ` +
        `first, row ${first?.index}: ${first?.message}`,
    )
    this.stored = stored
    this.rejected = rejected
  }
}

/** Rows were lost by several failures. One failure alone is thrown as it is. */
export class LossError extends StorageError {
  /** Rows that were lost, where their number is known. */
  readonly rows: number
  /** The failures, in order; at most a hundred of each writer. */
  readonly failures: readonly StorageError[]

  constructor(rows: number, failures: readonly StorageError[]) {
    const [first] = failures
    super('loss', `${rows} rows were lost by ${failures.length} failures; first: ${first?.message}`, { cause: first })
    this.rows = rows
    this.failures = failures
  }
}
