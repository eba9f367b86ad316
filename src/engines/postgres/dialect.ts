import { sql } from 'drizzle-orm'
import type { Dialect } from '../dialect.ts'
import { byLookup } from '../matching-rows.ts'
import { list, postgresJson } from './json.ts'
import { postgresSearch } from './search.ts'

/** PostgreSQL's spelling. */
export const postgresDialect: Dialect = {
  json: postgresJson,
  search: postgresSearch,
  ...byLookup,
  currentCommit: sql`pg_current_xact_id()`,
  commit: (number) => sql`${String(number)}::xid8`,
  list,
  rows: (list) => sql`(select id from unnest(${list}::text[]) as given(id))`,
  isInList: (column, list) => sql`${column} = any(${list}::text[])`,
  beat: () => undefined,
  containsText: (column, text) => sql`strpos(lower(${column} collate "C"), lower(${text}::text collate "C")) > 0`,
  // Documents know no order of keys here; a hash of 64 bits is sorted faster.
  comparable: (document) => sql`jsonb_hash_extended(${document}, 0)`,
  jsonText: (column, key) => sql<string | null>`${column} ->> ${sql.raw(quote(key))}`,
  jsonAsText: (column) => sql<string | null>`${column}::text`,
  // As compressed, without reading it.
  storedBytes: (column) => sql`pg_column_size(${column})`,
  instantFromText: (iso) => sql`(${iso})::timestamptz`,
  microsOf: (instant) => sql`(extract(epoch from ${instant}) * 1000000)::bigint`,
  microsBetween: (start, end) => sql`(extract(epoch from (${end} - ${start})) * 1000000)::bigint`,
  bucket(unit, instant, movedByMicros) {
    // A parameter: written out, each comparison up to now would be another statement to prepare.
    const moved = movedByMicros === 0 ? instant : sql`${instant} + ${`${movedByMicros} microseconds`}::interval`
    return sql`date_trunc(${sql.raw(quote(unit))}, ${moved}, 'UTC')`
  },
  percentile: (value, fraction) => sql`percentile_cont(${sql.raw(String(fraction))}) within group (order by ${value})`,
  sortedAfterReading: (column) => sql`${column}`,
  asInteger: (value) => sql`(${value})::bigint`,
  asFloat: (value) => sql`(${value})::double precision`,
}

const quote = (literal: string) => `'${literal.replaceAll("'", "''")}'`
