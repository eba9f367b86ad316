import type { ClickHouseKit } from '../../schema/kit/clickhouse.ts'
import type { postgresKit } from '../../schema/kit/postgres.ts'
import type { SqliteKit } from '../../schema/kit/sqlite.ts'
import type * as postgres from '../../schema/postgres.ts'
import type * as sqlite from '../../schema/sqlite.ts'
import type { defineTables } from '../../schema/tables.ts'
import type { Equal, Expect } from './equal.ts'

// The SQLite kit is asserted to be the Postgres one. Here the compiler sees both as they are.

type PostgresKit = typeof postgresKit

/** What a row holds in a column of this kind. */
type Data<F> = F extends (...args: never) => { _: { data: infer D } } ? D : never

/** The kinds of column that take nothing but a name; the generic ones follow below. */
type Plain = 'text' | 'int' | 'bigint' | 'real' | 'bool' | 'timestamp' | 'commitOrder'

// A name in one kit and not in the other fails here.
export type Names = Expect<Equal<keyof PostgresKit, keyof SqliteKit>>
export type ClickHouseNames = Expect<Equal<keyof PostgresKit, keyof ClickHouseKit>>

// Every plain kind of column has one type of value on both engines, and it is the one that rows promise.
type Values<Kit> = { [K in Plain & keyof Kit]: Data<Kit[K]> }
export type SameValues = Expect<Equal<Values<PostgresKit>, Values<SqliteKit>>>
export type ClickHouseValues = Expect<Equal<Values<PostgresKit>, Values<ClickHouseKit>>>
export type PromisedValues = Expect<
  Equal<
    Values<PostgresKit>,
    { text: string; int: number; bigint: number; real: number; bool: boolean; timestamp: string; commitOrder: number }
  >
>

// The generic kinds note what they hold beside the column, as drizzle's `$type` does.
const generic = (postgres: PostgresKit, sqlite: SqliteKit, clickhouse: ClickHouseKit) => ({
  postgres: { mood: postgres.enumText('mood', ['good', 'bad']), doc: postgres.json<{ a: 1 }>('doc') },
  sqlite: { mood: sqlite.enumText('mood', ['good', 'bad']), doc: sqlite.json<{ a: 1 }>('doc') },
  clickhouse: { mood: clickhouse.enumText('mood', ['good', 'bad']), doc: clickhouse.json<{ a: 1 }>('doc') },
})
type Noted<T> = { [K in keyof T]: T[K] extends { _: { $type: infer D } } ? D : never }
type Generic = ReturnType<typeof generic>
export type SameGeneric = Expect<Equal<Noted<Generic['postgres']>, Noted<Generic['sqlite']>>>
export type ClickHouseGeneric = Expect<Equal<Noted<Generic['postgres']>, Noted<Generic['clickhouse']>>>
export type PromisedGeneric = Expect<Equal<Noted<Generic['sqlite']>, { mood: 'good' | 'bad'; doc: { a: 1 } }>>

// A kit without one of the names does not fit where tables are defined.
// @ts-expect-error `timestamp` is missing
export const incomplete: Parameters<typeof defineTables>[0] = ({ timestamp: _, ...rest }: PostgresKit) => rest

// Every table stands in both entry files, with the same rows to read and to insert.
type Rows<T> = { [K in keyof T]: T[K] extends { $inferSelect: infer R; $inferInsert: infer I } ? [R, I] : never }
type OnPostgres = Omit<
  typeof postgres,
  'tracehold' | 'commitOrigins' | 'pendingUsage' | 'leases' | 'keptUsage' | 'tombstones'
>
type OnSqlite = Omit<
  typeof sqlite,
  'commits' | 'commitOrigins' | 'pendingUsage' | 'leases' | 'keptUsage' | 'tombstones'
>
export type AllTables = Expect<Equal<keyof ReturnType<typeof defineTables>, keyof OnPostgres>>
export type SameRows = Expect<Equal<Rows<OnPostgres>, Rows<OnSqlite>>>
