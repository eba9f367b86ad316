import { Column, is, Param } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'

/** What a parameter for a column is declared as. Instants are compared with texts, which are read as instants. */
const columnTypes: Readonly<Record<string, string>> = {
  Int64: 'Int64',
  integer: 'Int64',
  'double precision': 'Float64',
  boolean: 'Bool',
}

/** Renders Drizzle's Postgres query trees for ClickHouse, which differs in one thing: a parameter names its type. */
export class ClickHouseSqlDialect extends PgDialect {
  override escapeParam(index: number, value?: unknown): string {
    return `{p${index}:${parameterType(value)}}`
  }
}

/** The type of a value; of a placeholder, that of the column which it is for. */
function parameterType(value: unknown): string {
  if (is(value, Param)) return (is(value.encoder, Column) && columnTypes[value.encoder.getSQLType()]) || 'String'
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? 'Int64' : 'Float64'
    case 'bigint':
      return 'Int64'
    case 'boolean':
      return 'Bool'
    default:
      return value === null ? 'Nullable(String)' : 'String'
  }
}
