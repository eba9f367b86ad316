import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  type ExtraConfigColumn,
  index,
  integer,
  pgSchema,
  primaryKey,
} from 'drizzle-orm/pg-core'
import { isoFromPostgresText } from '../time.ts'
import type { EnumConfig } from './enum-values.ts'

/** All tables live in one Postgres schema, so that they sit beside an app's own and can be granted as one. */
export const tracehold = pgSchema('tracehold')

const bytewiseText = customType<{ data: string; driverData: string; config: EnumConfig }>({
  dataType: () => 'text COLLATE "C"',
})

const timestampText = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: isoFromPostgresText,
})

// The server counts transactions; a row carries the number of the one that stored it last.
const transactionId = customType<{ data: number; driverData: string }>({ dataType: () => 'xid8', fromDriver: Number })

// The drivers parse jsonb themselves. Drizzle's own column parses what they return once more, which turns
// the string "10.5" into a number.
const jsonDocument = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  toDriver: (value) => JSON.stringify(value),
})

/**
 * The Postgres column vocabulary. Every table definition is written in these names; the other engines' kits have the
 * same names and the same TypeScript row types.
 */
export const postgresKit = {
  table: tracehold.table,
  /** Text of any length, ordered by bytes so that every engine sorts and pages alike. */
  text: (name: string) => bytewiseText(name),
  /** Text that is one of `values`, which the column keeps; checked by the writers, not by the database. */
  enumText: <const T extends string>(name: string, values: readonly T[]) => bytewiseText(name, { values }).$type<T>(),
  /** A 32-bit integer. */
  int: (name: string) => integer(name),
  /** An integer up to 2^53. */
  bigint: (name: string) => bigint(name, { mode: 'number' }),
  /** A 64-bit float. */
  real: (name: string) => doublePrecision(name),
  bool: (name: string) => boolean(name),
  /** An instant to the microsecond; in rows `2026-11-20T10:03:00.123456Z`. */
  timestamp: (name: string) => timestampText(name),
  /** Any JSON value. */
  json: <T>(name: string) => jsonDocument(name).$type<T>(),
  /** The transaction that stored the row last, in an order that `follow` reads; set by the sinks. */
  commitOrder: (name: string) => transactionId(name).notNull().default(sql`pg_current_xact_id()`),
  /** SQLite's own number of a row, which a search index points to; always 0 here. */
  rowNumber: (name: string) => integer(name).notNull().default(0),
  /** The key of a table that has a row number: its primary key, but for SQLite, where the row number is that. */
  keyBesideRowNumber: primaryKey,
  /** Finds documents by what is equal in them, where the engine has such an index; rows without a document cost nothing. */
  jsonIndex: (name: string, column: ExtraConfigColumn) => [
    index(name)
      .using('gin', column.op('jsonb_path_ops'))
      .where(sql`${sql.identifier(column.name)} is not null`),
  ],
  index,
  primaryKey,
}

/**
 * One row: the cluster whose transactions number the rows, and a name for that. A dump takes it along, so that rows in
 * another cluster are known for what they are. The cluster is empty where the role may not ask for it.
 */
export const commitOrigins = tracehold.table('commit_origins', {
  cluster: bytewiseText('cluster').primaryKey(),
  origin: bytewiseText('origin').notNull(),
})

/** Postgres typings stand for every engine; the SQLite kit holds the one assertion. */
export type Kit = typeof postgresKit
