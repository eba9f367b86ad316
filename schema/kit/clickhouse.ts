import {
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  type PgColumn,
  pgTable,
  primaryKey,
} from 'drizzle-orm/pg-core'
import type { EnumConfig } from './enum-values.ts'
import type { Kit } from './postgres.ts'

// The names in `dataType` are for readers and for the encoders of the sink; the tables themselves are made by the DDL
// in drizzle/clickhouse.
const string = customType<{ data: string; driverData: string; config: EnumConfig }>({ dataType: () => 'String' })

// Rows hold `2026-11-20T10:03:00.123456Z`, which the server writes as well (date_time_output_format). Older servers do
// not read it where a column is compared with a parameter.
const instant = customType<{ data: string; driverData: string }>({
  dataType: () => "DateTime64(6, 'UTC')",
  toDriver: (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 26)}`,
})

const int64 = customType<{ data: number; driverData: number }>({ dataType: () => 'Int64' })

// ClickHouse's own JSON type changes documents: it sorts keys, nests dotted ones and drops nulls.
const jsonDocument = customType<{ data: unknown; driverData: string }>({
  dataType: () => 'String /* JSON */',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (text) => JSON.parse(text),
})

/** The ClickHouse column vocabulary: same names and row types as the Postgres kit, ClickHouse's encodings. */
const kit = {
  table: pgTable,
  text: (name: string) => string(name),
  enumText: <const T extends string>(name: string, values: readonly T[]) => string(name, { values }).$type<T>(),
  int: (name: string) => integer(name),
  bigint: (name: string) => int64(name),
  real: (name: string) => doublePrecision(name),
  bool: (name: string) => boolean(name),
  timestamp: (name: string) => instant(name),
  json: <T>(name: string) => jsonDocument(name).$type<T>(),
  // The server sets it where the row is inserted: microseconds since 1970.
  commitOrder: (name: string) => int64(name).notNull().default(0),
  rowNumber: (name: string) => integer(name).notNull().default(0),
  keyBesideRowNumber: primaryKey,
  jsonIndex: (_name: string, _column: PgColumn) => [],
  index,
  primaryKey,
} satisfies Record<keyof Kit, unknown>

// Drizzle has no ClickHouse tables: these are Postgres ones without a schema, which differ from the Postgres kit's in
// their encodings only. The parity test proves that the row types are equal.
export const clickhouseKit = kit as unknown as Kit

/** The kit's own type, for the parity test. */
export type ClickHouseKit = typeof kit
