import { type SQL, sql } from 'drizzle-orm'
import { commits } from '../../../schema/sqlite.ts'
import { bucketMicros, cutOffset, secondMicros } from '../bucket-width.ts'
import type { Dialect } from '../dialect.ts'
import { byLookup } from '../matching-rows.ts'
import { sqliteJson } from './json.ts'
import { beat } from './pulse.ts'
import { sqliteSearch } from './search.ts'

/** SQLite's spelling. Instants are integer microseconds. */
export const sqliteDialect: Dialect = {
  json: sqliteJson,
  search: sqliteSearch,
  ...byLookup,
  currentCommit: sql`(select last from ${commits})`,
  commit: (number) => sql`${number}`,
  list: (values) => JSON.stringify(values),
  rows: (list) => sql`(select value as id from json_each(${list}))`,
  isInList: (column, list) => sql`${column} in (select value from json_each(${list}))`,
  beat,
  containsText: (column, text) => sql`instr(lower(${column}), lower(${text})) > 0`,
  // Each different text is taken apart once, and not once for each row that has it.
  comparable: (document, selectAll) => sql`(
    with known as materialized (
      select given.text, (
        select json_group_array(json_array(part.fullkey, part.type, part.atom) order by part.fullkey)
        from json_tree(given.text) as part) as comparable
      from (${selectAll(sql`${document} as text`)}) as given)
    select known.comparable from known where known.text = ${document})`,
  jsonText(column, key) {
    // As a path, in which no character of a key has a meaning. The engine has no booleans, and numbers are no texts.
    const at = sql.raw(quote(`$.${JSON.stringify(key)}`))
    return sql<string | null>`case json_type(${column}, ${at})
      when 'true' then 'true' when 'false' then 'false' else cast(${column} ->> ${at} as text) end`
  },
  jsonAsText: (column) => sql<string | null>`${column}`,
  // By the head of the row, without reading it.
  storedBytes: (column) => sql`octet_length(${column})`,
  instantFromText: (iso) => sql`(unixepoch(substr(${iso}, 1, 19)) * 1000000 + cast(substr(${iso}, 21, 6) as integer))`,
  microsOf: (instant) => sql`${instant}`,
  microsBetween: (start, end) => sql`(${end} - ${start})`,
  bucket(unit, instant, movedByMicros) {
    const moved = movedByMicros === 0 ? sql`${instant}` : sql`(${instant} + cast(${movedByMicros} as integer))`
    if (unit === 'month')
      return sql`unixepoch(${moved} / ${number(secondMicros)}, 'unixepoch', 'start of month') * ${number(secondMicros)}`
    const offset = number(cutOffset(unit))
    return sql`(${moved} - (${moved} + ${offset}) % ${number(bucketMicros[unit])})`
  },
  percentile: (value, fraction) => sql`percentile_cont(${value}, ${number(fraction)})`,
  sortedAfterReading: (column) => sql`+${column}`,
  asInteger: (value) => sql`cast(${value} as integer)`,
  asFloat: (value) => sql`cast(${value} as real)`,
}

const quote = (literal: string) => `'${literal.replaceAll("'", "''")}'`
// Written out: these are few, and an expression with parameters is another one each time it stands in a query.
const number = (value: number): SQL => sql.raw(String(value))
