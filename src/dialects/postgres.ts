import { sql } from 'drizzle-orm'
import type { Dialect } from './dialect.ts'

/** PostgreSQL's spelling. */
export const postgresDialect: Dialect = {
  name: 'postgres',
  currentCommit: sql`pg_current_xact_id()`,
  list: (values) => `{${values.map((value) => `"${value.replace(/[\\"]/g, '\\$&')}"`).join(',')}}`,
  isInList: (column, list) => sql`${column} = any(${list}::text[])`,
  jsonText: (column, key) => sql<string | null>`${column} ->> ${sql.raw(quote(key))}`,
  instantFromText: (iso) => sql`(${iso})::timestamptz`,
  microsBetween: (start, end) => sql`(extract(epoch from (${end} - ${start})) * 1000000)::bigint`,
  asInteger: (value) => sql`(${value})::bigint`,
  asFloat: (value) => sql`(${value})::double precision`,
}

const quote = (literal: string) => `'${literal.replaceAll("'", "''")}'`
