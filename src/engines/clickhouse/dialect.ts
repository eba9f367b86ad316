import { type Column, inArray, type SQL, sql } from 'drizzle-orm'
import { bucketMicros, cutOffset } from '../bucket-width.ts'
import type { Dialect } from '../dialect.ts'
import { readableDocument } from './document.ts'
import { clickhouseJson } from './json.ts'
import { clickhouseSearch } from './search.ts'

const now = sql`toUnixTimestamp64Micro(now64(6))`

/**
 * ClickHouse's spelling. Documents are texts, instants are DateTime64 in UTC. There are no transactions: what serves as
 * the number of one is the instant at which an INSERT began, in microseconds.
 */
export const clickhouseDialect: Dialect = {
  json: clickhouseJson,
  search: clickhouseSearch,
  currentCommit: now,
  commit: (number) => sql`${number}`,
  list: (values) => JSON.stringify(values),
  rows: (list) => sql`(select arrayJoin(${textsOf(list)}) as id)`,
  isInList: (column, list) => sql`${column} in (select arrayJoin(${textsOf(list)}))`,
  // A table is read once for all rows: there are no indexes to look rows up one by one.
  hasMatch: (column, other, select) => inArray(column, select(sql`${other}`, undefined)),
  isLast: (_group, [, key], { group, order: [first, last] }, select) =>
    inArray(key, select(sql`argMax(${last}, tuple(${first}, ${last}))`, undefined, sql`${group}`)),
  beat: () => undefined,
  containsText: (column, text) => sql`position(lower(${column}), lower(${text})) > 0`,
  // Keys are put in order at the top and below it: attributes, and those of a resource or a scope.
  comparable(document) {
    const entries = (json: SQL | Column) => sql`JSONExtractKeysAndValuesRaw(${json})`
    const below = sql`if(startsWith(entry.2, '{'), toString(arraySort(${entries(sql`entry.2`)})), entry.2)`
    const sorted = sql`arraySort(arrayMap(entry -> (entry.1, ${below}), ${entries(sql`ifNull(${document}, '')`)}))`
    return sql`if(${document} is null, null, sipHash128(${sorted}))`
  },
  jsonText: (column, key) => {
    const at = sql`${readableDocument(sql`${column}`)}, ${sql.raw(quote(key))}`
    return sql<string | null>`multiIf(
      toString(JSONType(${at})) = 'Null', null,
      toString(JSONType(${at})) = 'String', JSONExtractString(${at}),
      JSONExtractRaw(${at}))`
  },
  jsonAsText: (column) => sql<string | null>`${column}`,
  storedBytes: (column) => sql`length(${column})`,
  instantFromText: (iso) => sql`parseDateTime64BestEffortOrNull(${iso}, 6, 'UTC')`,
  microsOf: (instant) => sql`toUnixTimestamp64Micro(${instant})`,
  microsBetween: (start, end) => sql`(toUnixTimestamp64Micro(${end}) - toUnixTimestamp64Micro(${start}))`,
  bucket(unit, instant, movedByMicros) {
    const moved =
      movedByMicros === 0 ? sql`${instant}` : sql`(${instant} + toIntervalMicrosecond(${number(movedByMicros)}))`
    // By hand: the engine's own functions answer in types that end in 2106 or 2149, and begin in 1970.
    if (unit === 'month') {
      return sql`addMonths(toDateTime64('1970-01-01 00:00:00', 6, 'UTC'), (toYear(${moved}) - 1970) * 12 + toMonth(${moved}) - 1)`
    }
    const micros = sql`toUnixTimestamp64Micro(${moved})`
    const offset = number(cutOffset(unit))
    return sql`fromUnixTimestamp64Micro(${micros} - (${micros} + ${offset}) % ${number(bucketMicros[unit])}, 'UTC')`
  },
  percentile: (value, fraction) => sql`quantileExactInclusive(${number(fraction)})(${value})`,
  sortedAfterReading: (column) => sql`${column}`,
  asInteger: (value) => sql`toInt64(${value})`,
  asFloat: (value) => sql`toFloat64(${value})`,
}

const textsOf = (list: unknown) => sql`JSONExtract(${list}, 'Array(String)')`
const quote = (literal: string) => `'${literal.replaceAll(/[\\']/g, '\\$&')}'`
// Written out: an expression with parameters is another one each time it stands in a query.
const number = (value: number): SQL => sql.raw(String(value))
