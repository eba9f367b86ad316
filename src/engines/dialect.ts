import type { Column, Placeholder, SQL, SQLWrapper, Table } from 'drizzle-orm'
import type { JsonDialect } from './json.ts'
import type { SearchDialect } from './search.ts'

/** Spans of time that start at round instants, in UTC; a week starts on Monday. */
export const bucketUnits = ['minute', 'hour', 'day', 'week', 'month'] as const
export type BucketUnit = (typeof bucketUnits)[number]

/**
 * The expressions that have no common spelling across engines. Everything else in a repository is plain Drizzle: add a
 * method here only when a query cannot be written portably.
 */
export interface Dialect {
  /** Predicates on JSON columns. */
  readonly json: JsonDialect
  /** Search of words by an index. */
  readonly search: SearchDialect
  /** The number of the running write transaction, in the order that `follow` reads. */
  readonly currentCommit: SQL
  /** The number of a transaction, as the engine compares it. */
  commit(number: number): SQL
  /** A list of texts as the value of one parameter, however many they are. */
  list(values: readonly string[]): string
  /** A list that was made by `list`, as a table of one column, `id`. */
  rows(list: string | Placeholder): SQL
  /** `column` is in a list that was made by `list`. */
  isInList(column: Column | SQL, list: string | Placeholder): SQL
  /**
   * A row of another table fits, and has in its column what this row has in `column`.
   *
   * @param column of this row
   * @param other of the other table, whose name in the query differs
   * @param select builds the query over the other table: what it selects, and what its rows must fulfil beside the rest
   */
  hasMatch(column: Column, other: Column, select: (field: SQL, on: SQL | undefined) => SQLWrapper): SQL
  /**
   * Of the rows that fit, this is the last one in its group. It is the one that no later one stands beside: so a page in
   * the same order reads an index from where it starts.
   *
   * @param group the column that a group shares
   * @param order the columns of the order; the last of them is the key
   * @param other the same columns of the same table under another name
   * @param select builds the query over that table, of rows that fit, as for `hasMatch`
   */
  isLast(
    group: Column,
    order: readonly [Column, Column],
    other: { readonly group: Column; readonly order: readonly [Column, Column] },
    select: (field: SQL, on: SQL | undefined, groupBy?: SQL) => SQLWrapper,
  ): SQL
  /**
   * A condition that every row of a table fulfils, by which a statement notices that it is to end; undefined where the
   * engine ends it without.
   */
  beat(table: Table): SQL | undefined
  /** `column` contains the text; ASCII letters match in any case. */
  containsText(column: Column, text: string): SQL
  /**
   * A document as a value that equal documents share, whatever the order of their keys; null where there is none.
   *
   * @param selectAll builds the query for the documents that may be asked for: what is selected of them, each once
   */
  comparable(document: Column, selectAll: (field: SQL) => SQLWrapper): SQL
  /** The text at top-level `key` of a JSON object column; null where it has none. */
  jsonText(column: Column | SQL, key: string): SQL<string | null>
  /** A JSON column as the text that the engine holds of it, not parsed. */
  jsonAsText(column: Column): SQL<string | null>
  /** The bytes that a text or a document takes in its row, as the engine holds it; null of null. */
  storedBytes(column: Column): SQL
  /** An instant in row format, given as a text expression, as the engine stores instants. */
  instantFromText(iso: SQL): SQL
  /** An instant as microseconds since 1970, an integer. */
  microsOf(instant: SQL | Column): SQL
  /** The microseconds between two instants, as an integer. */
  microsBetween(start: SQL | Column, end: SQL | Column): SQL
  /** The start of the bucket that an instant falls into, after it was moved by some microseconds. */
  bucket(unit: BucketUnit, instant: Column, movedByMicros: number): SQL
  /** A percentile (0 to 1) of a number, interpolated as the SQL standard's `percentile_cont`; null of nothing. */
  percentile(value: Column, fraction: number): SQL
  /**
   * A term of ORDER BY that no index is to answer. SQLite takes the tenant alone for nearly as selective as a key, and
   * would read a whole table to save the sorting of one trace.
   */
  sortedAfterReading(column: Column): SQL
  /** A number as a 64-bit integer; the number must be integral. */
  asInteger(value: SQL): SQL
  /** A number as a 64-bit float. */
  asFloat(value: SQL): SQL
}
