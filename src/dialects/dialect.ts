import type { Column, Placeholder, SQL } from 'drizzle-orm'

/**
 * The expressions that have no common spelling across engines. Everything else in a repository is plain Drizzle: add a
 * method here only when a query cannot be written portably.
 */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres'
  /** The number of the running write transaction, in the order that `follow` reads. */
  readonly currentCommit: SQL
  /** A list of texts as the value of one parameter, however many they are. */
  list(values: readonly string[]): string
  /** `column` is in a list that was made by `list`. */
  isInList(column: Column | SQL, list: string | Placeholder): SQL
  /** The text at top-level `key` of a JSON object column; null where it has none. */
  jsonText(column: Column | SQL, key: string): SQL<string | null>
  /** An instant in row format, given as a text expression, as the engine stores instants. */
  instantFromText(iso: SQL): SQL
  /** The microseconds between two instants, as an integer. */
  microsBetween(start: SQL | Column, end: SQL | Column): SQL
  /** A number as a 64-bit integer; the number must be integral. */
  asInteger(value: SQL): SQL
  /** A number as a 64-bit float. */
  asFloat(value: SQL): SQL
}
