import { storageError } from '../driver-errors/storage-error.ts'
import { ConfigError, StorageError } from '../errors.ts'

/** What ClickHouse's codes mean of the exporter's own statements, where that is not what they mean elsewhere. */
const meanings: readonly (readonly [codes: readonly string[], meaning: string])[] = [
  [['50', '44'], 'the server has no JSON type; it needs ClickHouse 25.3 or newer'],
  [['60'], 'the table is missing; set createTable, or run drizzle/clickhouse-records/0000_records.sql'],
  [['16', '47'], 'the table lacks a column; compare it with drizzle/clickhouse-records/0000_records.sql'],
]

/** An error of a client as one of ours, with what to do about it where that is known. */
export function exportError(thrown: unknown, during: string): StorageError {
  if (thrown instanceof StorageError) return thrown
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const meaning = meanings.find(([codes]) => codes.includes(code))?.[1]
  const error = storageError(thrown, during)
  if (meaning === undefined) return error
  return new ConfigError(`Could not ${during}: ${meaning}. [${code}]`, { cause: error.cause })
}
