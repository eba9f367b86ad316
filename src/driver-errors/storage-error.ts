import { ConnectionError, PoolError, QueryError, StorageError, TimeoutError, TransactionError } from '../errors.ts'
import { adviceOn } from './advice.ts'
import { codes, uncoded } from './codes.ts'
import { DriverError, isClickHouse } from './driver-error.ts'

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
  return cause.driverCode === undefined ? fromWords(cause, during) : fromCode(cause, cause.driverCode, during)
}

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

function fromCode(cause: DriverError, code: string, during: string): StorageError {
  const message = messageOf(cause, during)
  if (codes.connection.test(code)) return new ConnectionError(message, { cause, recovery: 'retry' })
  if (codes.refusedCertificate.test(code) || codes.refusedEntry.test(code) || codes.unusableFile.test(code)) {
    return new ConnectionError(message, { cause })
  }
  if (codes.transaction.test(code)) return new TransactionError(message, { cause })
  if (codes.stopped.test(code)) return new TimeoutError(message, { cause })
  if (codes.busy.test(code)) return new QueryError(message, { cause, recovery: 'retry' })
  if (codes.data.test(code)) return new QueryError(message, { cause, recovery: 'bisect' })
  return new QueryError(message, { cause })
}

function fromWords(cause: DriverError, during: string): StorageError {
  const message = messageOf(cause, during)
  if (uncoded.lostConnection.test(cause.message)) return new ConnectionError(message, { cause, recovery: 'retry' })
  if (uncoded.noTls.test(cause.message)) {
    return new ConnectionError(`${message}. It has no TLS: check the TLS mode.`, { cause })
  }
  if (uncoded.closedFile.test(cause.message)) return new PoolError(`Could not ${during}: the pool is closed.`)
  if (uncoded.noConnection.test(cause.message)) {
    return new PoolError(`Could not ${during}: every connection was busy for too long.`, { recovery: 'retry' })
  }
  if (uncoded.timeout.test(cause.message)) {
    return new TimeoutError(`Could not ${during} in time; the server did not answer.`, { cause })
  }
  return new QueryError(message, { cause })
}

function messageOf(cause: DriverError, during: string): string {
  const { table, column, driverCode } = cause
  const where = [table && `table ${table}`, column && `column ${column}`].filter(Boolean).join(', ')
  const parts = [`Could not ${during}: ${cause.message}`, where && `(${where})`, driverCode && `[${driverCode}]`]
  const advice = adviceOn(cause)
  return `${parts.filter(Boolean).join(' ')}${advice ? `. ${advice}` : ''}`
}
