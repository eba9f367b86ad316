import type { RecordRow } from './record-row.ts'

/** One insert of several rows. */
export interface InsertCall {
  /** `name` or `database.name`. */
  readonly table: string
  readonly columnNames: readonly string[]
  /** Rows in the order of the columns. */
  readonly rows: readonly RecordRow[]
  /** ClickHouse settings of this insert, such as `async_insert`. */
  readonly settings: Readonly<Record<string, string | number>>
}

/** What the record exporter needs of a ClickHouse client. Each call may throw or reject. */
export interface ClickHouseRecordClient {
  /** Stores the rows with one INSERT. */
  insert(call: InsertCall): Promise<unknown> | unknown
  /** Runs a statement that returns nothing. */
  command(statement: string): Promise<unknown> | unknown
  close(): Promise<unknown> | unknown
}
