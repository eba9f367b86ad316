import {
  customType,
  index,
  integer,
  primaryKey,
  real,
  type SQLiteColumn,
  sqliteTableCreator,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'
import { isoFromMicros, microsFromIso } from '../time.ts'
import type { EnumConfig } from './enum-values.ts'
import type { Kit } from './postgres.ts'

// An app may keep its own `events` in the same file, so every table carries the package's name.
const table = sqliteTableCreator((name) => `tracehold_${name}`)

const enumText = customType<{ data: string; driverData: string; config: EnumConfig }>({ dataType: () => 'text' })

const timestampMicros = customType<{ data: string; driverData: number }>({
  dataType: () => 'integer',
  toDriver: microsFromIso,
  fromDriver: isoFromMicros,
})

const jsonDocument = customType<{ data: unknown; driverData: string }>({
  dataType: () => 'text',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => JSON.parse(value),
})

/** The SQLite column vocabulary: same names and row types as the Postgres kit, SQLite storage. */
const kit = {
  table,
  text: (name: string) => text(name),
  enumText: <const T extends string>(name: string, values: readonly T[]) => enumText(name, { values }).$type<T>(),
  int: (name: string) => integer(name),
  bigint: (name: string) => integer(name),
  real: (name: string) => real(name),
  bool: (name: string) => integer(name, { mode: 'boolean' }),
  timestamp: (name: string) => timestampMicros(name),
  json: <T>(name: string) => jsonDocument(name).$type<T>(),
  commitOrder: (name: string) => integer(name).notNull().default(0),
  // An alias of the rowid that survives VACUUM and upserts.
  rowNumber: (name: string) => integer(name).primaryKey(),
  keyBesideRowNumber: ({ name, columns }: { name: string; columns: [SQLiteColumn, ...SQLiteColumn[]] }) =>
    uniqueIndex(name).on(...columns),
  // SQLite has none: an app indexes one path of a document itself (docs/reading.md).
  jsonIndex: (_name: string, _column: SQLiteColumn) => [],
  index,
  primaryKey,
} satisfies Record<keyof Kit, unknown>

// Drizzle has a builder per engine and no type that covers two, so the SQLite kit is seen as the Postgres one.
// The parity test proves that the row types are equal; `AsSqlite` gives users the truthful table types back.
export const sqliteKit = kit as unknown as Kit

/** The kit's own type, for the parity test. */
export type SqliteKit = typeof kit

/** One row: the number of the last transaction that stored something. Every write transaction raises it. */
export const commits = table('commits', { id: integer('id').primaryKey(), last: integer('last').notNull() })

/**
 * Which pool stored something, from which transaction on. A copy of the file shares the beginning of this list, and
 * goes on with pools of its own: by it a position is known to be of another copy.
 */
export const commitOrigins = table('commit_origins', {
  first: integer('first').primaryKey(),
  origin: text('origin').notNull().unique('commit_origins_origin'),
})
