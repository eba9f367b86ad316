import type { ColumnBaseConfig, ColumnDataType } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { SQLiteColumn, SQLiteTableWithColumns } from 'drizzle-orm/sqlite-core'
import { sqliteKit } from './kit/sqlite.ts'
import { defineTables, type Tables } from './tables.ts'

type Column = ColumnBaseConfig<ColumnDataType, string>
type Table = { _: { name: string; columns: { [key: string]: PgColumn } } }

/** The SQLite type of a table that was written in the Postgres-typed vocabulary. */
type AsSqlite<T extends Table> = SQLiteTableWithColumns<{
  name: `tracehold_${T['_']['name']}`
  schema: undefined
  dialect: 'sqlite'
  columns: { [K in keyof T['_']['columns']]: SQLiteColumn<{ [P in keyof Column]: T['_']['columns'][K]['_'][P] }> }
}>

export { commits } from './kit/sqlite.ts'

/** The SQLite tables, for typed queries and joins with an app's own. */
export const { traces, spans, events } = defineTables(sqliteKit) as unknown as {
  [K in keyof Tables]: AsSqlite<Tables[K]>
}
