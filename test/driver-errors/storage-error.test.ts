import { describe, expect, it } from 'vitest'
import { storageError } from '../../src/driver-errors/storage-error.ts'
import {
  ConnectionError,
  PoolError,
  QueryError,
  StorageError,
  TimeoutError,
  TransactionError,
} from '../../src/errors.ts'

const driverError = (code: string | undefined, message = 'what the driver said', more = {}) =>
  Object.assign(new Error(message), { ...(code === undefined ? {} : { code }), ...more })

describe('a driver’s error', () => {
  it.each([
    ['08006', ConnectionError, 'retry'],
    ['57P01', ConnectionError, 'retry'],
    ['57P05', ConnectionError, 'retry'],
    ['ECONNREFUSED', ConnectionError, 'retry'],
    ['ECONNRESET', ConnectionError, 'retry'],
    ['EPIPE', ConnectionError, 'retry'],
    ['ETIMEDOUT', ConnectionError, 'retry'],
    ['CONNECTION_CLOSED', ConnectionError, 'retry'],
    ['CONNECTION_DESTROYED', ConnectionError, 'retry'],
    ['CONNECT_TIMEOUT', ConnectionError, 'retry'],
    ['28P01', ConnectionError, 'stop'],
    ['3D000', ConnectionError, 'stop'],
    ['SQLITE_CANTOPEN', ConnectionError, 'stop'],
    ['SQLITE_CANTOPEN_ISDIR', ConnectionError, 'stop'],
    ['SQLITE_NOTADB', ConnectionError, 'stop'],
    ['EACCES', ConnectionError, 'stop'],
    ['ENOTDIR', ConnectionError, 'stop'],
    ['40001', TransactionError, 'retry'],
    ['40P01', TransactionError, 'retry'],
    ['55P03', TransactionError, 'retry'],
    ['SQLITE_BUSY', TransactionError, 'retry'],
    ['SQLITE_BUSY_SNAPSHOT', TransactionError, 'retry'],
    ['57014', TimeoutError, 'retry'],
    ['53300', QueryError, 'retry'],
    ['53100', QueryError, 'retry'],
    ['22P02', QueryError, 'bisect'],
    ['22003', QueryError, 'bisect'],
    ['23505', QueryError, 'bisect'],
    ['54000', QueryError, 'bisect'],
    ['54001', QueryError, 'bisect'],
    ['SQLITE_CONSTRAINT_NOTNULL', QueryError, 'bisect'],
    ['SQLITE_TOOBIG', QueryError, 'bisect'],
    ['42P01', QueryError, 'stop'],
    ['42501', QueryError, 'stop'],
    ['SQLITE_FULL', QueryError, 'stop'],
    ['SQLITE_IOERR_WRITE', QueryError, 'stop'],
    ['SQLITE_CORRUPT', QueryError, 'stop'],
  ] as const)('%s is a %o whose rows the writer should %s', (code, type, recovery) => {
    const error = storageError(driverError(code), 'write 3 rows of spans')
    expect(error).toBeInstanceOf(type)
    expect(error).toMatchObject({ recovery, retryable: recovery === 'retry', name: type.name })
    expect(error.message).toContain('Could not write 3 rows of spans')
    expect(error.message).toContain(`[${code}]`)
    expect(error.cause).toMatchObject({ driverCode: code })
  })

  // node-postgres gives these no code.
  it.each([
    'timeout expired',
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
  ])('without a code, “%s”, is a lost connection', (message) => {
    expect(storageError(driverError(undefined, message), 'write')).toMatchObject({
      code: 'connection',
      retryable: true,
    })
  })

  it('about a connection that never came free may be tried again', () => {
    const error = storageError(driverError(undefined, 'timeout exceeded when trying to connect'), 'write')
    expect(error).toBeInstanceOf(PoolError)
    expect(error.retryable).toBe(true)
  })

  it('is found below what wraps it', () => {
    const refused = driverError('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432')
    const wrapped = new Error('Failed query: … params: secret', { cause: new AggregateError([refused], '') })
    expect(storageError(wrapped, 'query').message).toBe(
      'Could not query: connect ECONNREFUSED 127.0.0.1:5432 [ECONNREFUSED]. Is the server running, and is the port right?',
    )
  })

  it('names the table, the column and the constraint', () => {
    const error = storageError(
      driverError('23502', 'null', { table: 'spans', column: 'name', constraint: 'c' }),
      'write',
    )
    expect(error.message).toContain('(table spans, column name)')
    expect(error.cause).toMatchObject({ table: 'spans', column: 'name', constraint: 'c' })
  })

  it('that is one of ours stays as it is', () => {
    const error = new PoolError('closed')
    expect(storageError(error, 'write')).toBe(error)
    expect(storageError(new Error('outer', { cause: error }), 'write')).toBe(error)
  })

  it.each([undefined, null, 'text', 5, {}])('that is no error at all (%s) becomes one', (value) => {
    expect(storageError(value, 'write')).toBeInstanceOf(StorageError)
  })
})
