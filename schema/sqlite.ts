import type { ColumnBaseConfig, ColumnDataType } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { SQLiteColumn, SQLiteTableWithColumns } from 'drizzle-orm/sqlite-core'
import { defineKeptUsage } from './kept-usage.ts'
import { sqliteKit } from './kit/sqlite.ts'
import { defineLeases } from './leases.ts'
import { definePendingUsage } from './pending-usage.ts'
import { defineTables, type Tables } from './tables.ts'
import { defineTombstones } from './tombstones.ts'

type Column = ColumnBaseConfig<ColumnDataType, string>
type Table = { _: { name: string; columns: { [key: string]: PgColumn } } }

// Drizzle finds a selected column's table by its name, and tells by the last two which columns an insert may leave out.
type AsSqliteColumn<C extends PgColumn> = SQLiteColumn<
  { [P in keyof Column]: P extends 'tableName' ? `tracehold_${C['_']['tableName']}` : C['_'][P] },
  object,
  { generated: undefined; identity: undefined }
>

/** The SQLite type of a table that was written in the Postgres-typed vocabulary. */
type AsSqlite<T extends Table> = SQLiteTableWithColumns<{
  name: `tracehold_${T['_']['name']}`
  schema: undefined
  dialect: 'sqlite'
  columns: { [K in keyof T['_']['columns']]: AsSqliteColumn<T['_']['columns'][K]> }
}>

export { commitOrigins, commits } from './kit/sqlite.ts'

/** The SQLite tables, for typed queries and joins with an app's own. */
export const { traces, spans, events, results, metrics, metricPoints, logs } = defineTables(sqliteKit) as unknown as {
  [K in keyof Tables]: AsSqlite<Tables[K]>
}

/** Internal: the writers' own table. */
export const pendingUsage = definePendingUsage(sqliteKit) as unknown as AsSqlite<ReturnType<typeof definePendingUsage>>
/** Internal: who does what one process at a time does. */
export const leases = defineLeases(sqliteKit) as unknown as AsSqlite<ReturnType<typeof defineLeases>>
/** Internal: what traces used that retention deleted. */
export const keptUsage = defineKeptUsage(sqliteKit) as unknown as AsSqlite<ReturnType<typeof defineKeptUsage>>
/** Internal: what was erased. */
export const tombstones = defineTombstones(sqliteKit) as unknown as AsSqlite<ReturnType<typeof defineTombstones>>
