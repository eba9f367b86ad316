import { sql } from 'drizzle-orm'
import { commits } from '../../schema/sqlite.ts'
import type { Dialect } from './dialect.ts'

/** SQLite's spelling. Instants are integer microseconds. */
export const sqliteDialect: Dialect = {
  name: 'sqlite',
  currentCommit: sql`(select last from ${commits})`,
  list: (values) => JSON.stringify(values),
  isInList: (column, list) => sql`${column} in (select value from json_each(${list}))`,
  jsonText: (column, key) => sql<string | null>`${column} ->> ${sql.raw(quote(key))}`,
  instantFromText: (iso) => sql`(unixepoch(substr(${iso}, 1, 19)) * 1000000 + cast(substr(${iso}, 21, 6) as integer))`,
  microsBetween: (start, end) => sql`(${end} - ${start})`,
  asInteger: (value) => sql`cast(${value} as integer)`,
  asFloat: (value) => sql`cast(${value} as real)`,
}

const quote = (literal: string) => `'${literal.replaceAll("'", "''")}'`
