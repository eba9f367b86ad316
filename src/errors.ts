/**
 * Every failure that tracehold reports, and the one place that reads drivers' errors. No message and no cause carries
 * a parameter, a password or the content of a row: a driver's error is reduced to its code and what it names.
 */

/** What kind of failure it is; stable, for programs. */
export type ErrorCode =
  | 'connection'
  | 'query'
  | 'migration'
  | 'transaction'
  | 'validation'
  | 'serialization'
  | 'not_found'
  | 'config'
  | 'pool'
  | 'timeout'
  | 'redis'
  | 'batch'
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

/** The schema in the database and the migrations of this version do not fit together. */
export class MigrationError extends StorageError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('migration', message, options)
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

/** What is left of a driver's error when everything that may hold content or a secret is taken away. */
export class DriverError extends Error {
  /** SQLSTATE, SQLITE_*, CLICKHOUSE_ and a number, or a system code such as ECONNREFUSED. */
  readonly driverCode: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  readonly constraint: string | undefined

  constructor(source: Record<string, unknown>) {
    const driverCode = isClickHouse(source) ? `CLICKHOUSE_${source.code}` : text(source.code)
    super(safeMessage(driverCode, source))
    this.name = 'DriverError'
    this.driverCode = driverCode
    this.table = text(source.table_name) ?? text(source.table)
    this.column = text(source.column_name) ?? text(source.column)
    this.constraint = text(source.constraint_name) ?? text(source.constraint)
  }
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

// Data errors quote the value that they refuse, and a trigger may raise whatever it likes under a code of its own: of
// SQLSTATEs only the classes that name nothing but objects of the schema keep their message.
const sqlState = /^(?!EPIPE)[0-9A-Z]{5}$/
const namesOnlyTheSchema = /^(08|0A|25|28|2D|3D|3F|40|42|53|55|57|58)/
const quotesContent = (code: string) =>
  code === 'SQLITE_CONSTRAINT_TRIGGER' || (sqlState.test(code) && !namesOnlyTheSchema.test(code))

/** ClickHouse numbers its errors, and has a name for each kind. */
const isClickHouse = ({ code, type }: Record<string, unknown>) => /^\d+$/.test(String(code)) && text(type) !== undefined

// Its errors quote the statement with the values in it. These say nothing but names and numbers, up to the statement.
const clickhouseNames = /^CLICKHOUSE_(60|81|159|160|164|192|194|202|203|210|241|242|243|252|497|516)$/
const clickhouseStatement = /:? (In scope|While) |:? [Ii]n scope /

function clickhouseMessage(code: string, source: Record<string, unknown>): string {
  const message = clickhouseNames.test(code) ? text(source.message)?.split(clickhouseStatement, 1)[0] : undefined
  return message ? `${message.slice(0, 300).trim()} (${source.type})` : `refused with ${source.type}`
}

function safeMessage(code: string | undefined, source: Record<string, unknown>): string {
  if (code !== undefined && isClickHouse(source)) return clickhouseMessage(code, source)
  if (code !== undefined && quotesContent(code)) return `refused with ${code}`
  if (source.name === 'SyntaxError') return 'a stored document is not JSON'
  return (text(source.message) ?? 'the driver gave no message').slice(0, 500)
}

const connectionCodes =
  /^(08|57P0[1-3]|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CONNECTION_|CONNECT_TIMEOUT|CLICKHOUSE_REPLY|ERR_STREAM_PREMATURE_CLOSE|Z_)/
const refusedEntry = /^(28|3D000)/
// What Node says of certificates (they come from OpenSSL), and pg of a server without TLS.
const refusedCertificate = /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|CERT_|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|EPROTO)/
const noTls = /^The server does not support SSL connections/
const unusableFile = /^(SQLITE_CANTOPEN|SQLITE_NOTADB|EACCES|EPERM|ENOENT|ENOTDIR|EEXIST|EROFS)/
const transactionCodes = /^(40001|40P01|55P03|SQLITE_BUSY|SQLITE_LOCKED)/
const capacityCodes = /^53/
const dataCodes = /^(22|23|5400[01]|SQLITE_CONSTRAINT|SQLITE_MISMATCH|SQLITE_TOOBIG)/
const cancelled = '57014'

// ClickHouse: the server is busy, starts, or lost a part of itself; it stopped the statement; it does not let this user
// in, or has no such database; it refuses a row.
const clickhouse = {
  busy: /^CLICKHOUSE_(202|209|210|241|242|252|279|285|319|999)$/,
  slow: /^CLICKHOUSE_(159|160)$/,
  entry: /^CLICKHOUSE_(81|192|193|194|516)$/,
  data: /^CLICKHOUSE_(6|26|27|38|41|53|69|70|72|117|407|469)$/,
} as const
// The client's own words for a call that took too long.
const clickhouseTimeout = /^Timeout error\.$/

// What drivers report without a code.
const lostConnection = /^(timeout expired|Connection terminated|Client (was closed|has encountered a connection error))/
const noConnection = /^timeout exceeded when trying to connect/
const closedFile = /^The database connection is not open/

// What a server that starts, restarts or is about to be reachable answers, and answers at once.
const mayPassSoon =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT|57P0[1-3]|53300|08|CONNECTION_(CLOSED|ENDED|DESTROYED))/

/** Whether a connection failed at once for a reason that may pass: the server starts, restarts, is full for a moment. */
export function mayConnectSoon(error: unknown): boolean {
  if (!(error instanceof StorageError) || !(error.cause instanceof DriverError)) return false
  const { driverCode, message } = error.cause
  return driverCode === undefined ? /^Connection terminated/.test(message) : mayPassSoon.test(driverCode)
}

/** The next step for failures whose cause is usually the same. */
const advice: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED/, 'Is the server running, and is the port right?'],
  [/^(ENOTFOUND|EAI_AGAIN)/, 'Check the host name in the URL.'],
  [/^(CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH)/, 'Check the host, the port and the firewall.'],
  [/^28P01/, 'Check the user and the password in the URL.'],
  [/^28/, 'The server does not let this user in; check pg_hba.conf and the user.'],
  [/^3D000/, 'Create the database, or check its name in the URL.'],
  [/^(42P01|3F000)/, 'The tables are missing: run `tracehold migrate`, or open the store with { migrate: true }.'],
  [/^ERR_TLS_CERT_ALTNAME/, 'The certificate is not for this host: check the host, or use the TLS mode verify-ca.'],
  [refusedCertificate, 'The certificate is not trusted: check the TLS mode and the file of the authority (caFile).'],
  [/^42501/, 'The role lacks a right on schema tracehold.'],
  [/^(SQLITE_CANTOPEN|EACCES|EPERM|ENOENT|ENOTDIR|EEXIST|EROFS)/, 'Check the path and its permissions.'],
  [/^SQLITE_READONLY/, 'The file or its folder is not writable by this user.'],
  [/^SQLITE_NOTADB/, 'The file is not an SQLite database.'],
  [/^(53100|SQLITE_FULL|CLICKHOUSE_243$)/, 'The disk is full.'],
  [/^CLICKHOUSE_60$/, 'The tables are missing: run `tracehold migrate`, or open the store with { migrate: true }.'],
  [/^CLICKHOUSE_81$/, 'Run `tracehold migrate`, which creates the database, or check its name in the URL.'],
  [/^CLICKHOUSE_(192|193|194|516)$/, 'Check the user and the password in the URL.'],
  [/^CLICKHOUSE_497$/, 'The user lacks a right on the database.'],
  [/^CLICKHOUSE_164$/, 'The user may not change settings (readonly = 1); readonly = 2 lets it read.'],
  [/^CLICKHOUSE_252$/, 'Writes come in smaller parts than the server can merge: send larger batches.'],
  [/^CLICKHOUSE_REPLY$/, 'Check the host and the port in the URL: ClickHouse answers HTTP on 8123.'],
]

/**
 * Turns whatever a driver, or Drizzle around it, threw into one of ours.
 *
 * @param during what was being done, in words that go into the message: `write 500 rows of spans`
 */
export function storageError(thrown: unknown, during: string): StorageError {
  const source = innermost(thrown)
  if (source instanceof StorageError) return source
  const fields: Record<string, unknown> = source !== null && typeof source === 'object' ? { ...source } : {}
  if (source instanceof Error) Object.assign(fields, { name: source.name, message: source.message })
  const cause = new DriverError(fields)
  const code = cause.driverCode ?? ''
  const where = [cause.table && `table ${cause.table}`, cause.column && `column ${cause.column}`].filter(Boolean)
  const hint = missingTable(cause) ? advice[6]?.[1] : advice.find(([pattern]) => pattern.test(code))?.[1]
  const message = [
    `Could not ${during}: ${cause.message}`,
    where.length > 0 && `(${where.join(', ')})`,
    code && `[${code}]`,
  ]
  const full = `${message.filter(Boolean).join(' ')}${hint ? `. ${hint}` : ''}`

  if (connectionCodes.test(code) || (code === '' && lostConnection.test(cause.message))) {
    return new ConnectionError(full, { cause, recovery: 'retry' })
  }
  if (code === '' && noTls.test(cause.message)) {
    return new ConnectionError(`${full}. It has no TLS: check the TLS mode.`, { cause })
  }
  if (refusedCertificate.test(code)) return new ConnectionError(full, { cause })
  if (refusedEntry.test(code) || unusableFile.test(code)) return new ConnectionError(full, { cause })
  if (closedFile.test(cause.message)) return new PoolError(`Could not ${during}: the pool is closed.`)
  if (noConnection.test(cause.message)) {
    return new PoolError(`Could not ${during}: every connection was busy for too long.`, { recovery: 'retry' })
  }
  if (transactionCodes.test(code)) return new TransactionError(full, { cause })
  if (code === cancelled || clickhouse.slow.test(code)) return new TimeoutError(full, { cause })
  if (code === '' && clickhouseTimeout.test(cause.message)) {
    return new TimeoutError(`Could not ${during} in time; the server did not answer.`, { cause })
  }
  if (clickhouse.entry.test(code)) return new ConnectionError(full, { cause })
  if (clickhouse.busy.test(code)) return new QueryError(full, { cause, recovery: 'retry' })
  if (clickhouse.data.test(code)) return new QueryError(full, { cause, recovery: 'bisect' })
  if (capacityCodes.test(code)) return new QueryError(full, { cause, recovery: 'retry' })
  if (dataCodes.test(code)) return new QueryError(full, { cause, recovery: 'bisect' })
  return new QueryError(full, { cause })
}

/** The next step for what Redis answers. Its own words are left out: they may repeat a command with its values. */
const redisAdvice: readonly (readonly [RegExp, string])[] = [
  [/^(WRONGPASS|NOAUTH|NOPERM)/, 'Check the user and the password in the Redis URL, and what the user may do.'],
  [/^OOM/, 'Its memory is full: raise maxmemory, or let it evict (maxmemory-policy allkeys-lru).'],
  [/^LOADING/, 'It is still reading its data.'],
  [/^READONLY/, 'It is a replica: name the primary.'],
  [/^ECONNREFUSED/, 'Is Redis running, and is the port right?'],
  [/^(ENOTFOUND|EAI_AGAIN)/, 'Check the host name in the Redis URL.'],
]

/**
 * Turns what ioredis threw into one of ours.
 *
 * @param connecting why the last connection could not be made, where there is none
 */
export function redisError(thrown: unknown, during: string, connecting?: unknown): RedisError {
  if (thrown instanceof RedisError) return thrown
  const reply = redisCode(thrown)
  const code = reply ?? redisCode(connecting)
  const isSlow = thrown instanceof TimeoutError
  const problem = isSlow ? 'Redis did not answer in time' : reply ? 'Redis refused' : 'no connection to Redis'
  const hint = redisAdvice.find(([pattern]) => pattern.test(code ?? ''))?.[1]
  const message = `Could not ${during}: ${problem}${code ? ` [${code}]` : ''}${hint ? `. ${hint}` : ''}`
  const mayPass =
    reply === undefined ||
    /^(LOADING|BUSY|READONLY|MASTERDOWN|TRYAGAIN|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI|EHOST|ENET)/.test(reply)
  return new RedisError(message, mayPass ? { recovery: 'retry' } : {})
}

/** A system's code, or the word that a refusal begins with. */
function redisCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined
  const { code } = thrown as { code?: unknown }
  if (typeof code === 'string') return code === 'timeout' ? undefined : code
  return thrown.name === 'ReplyError' ? /^[A-Z]+/.exec(thrown.message)?.[0] : undefined
}

const missingTable = (cause: DriverError) => cause.driverCode === 'SQLITE_ERROR' && /^no such table/.test(cause.message)

/** Drizzle's own error holds every parameter in its message: only what it wraps is looked at. */
function innermost(thrown: unknown): unknown {
  let current = thrown
  while (current instanceof Error && !(current instanceof StorageError) && current.cause !== undefined) {
    // The embedded engine's error stands for one that is text only.
    if (isClickHouse({ ...current })) break
    current = current.cause
  }
  // Node reports a refused dual-stack connection as an AggregateError without a message.
  if (current instanceof AggregateError && current.errors.length > 0) return current.errors[0]
  return current
}
