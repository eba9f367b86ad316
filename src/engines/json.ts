import type { Column, SQL } from 'drizzle-orm'
import type { Json } from '../../schema/values.ts'

/** Steps into a document: a text is a key of an object, a number an index into a list. */
export type JsonPath = readonly (string | number)[]

/** A comparison of two values of the same type. */
export type Comparison = '>' | '>=' | '<' | '<='

/**
 * Predicates on JSON columns. A path that leads nowhere makes them false or null, and no document, whatever its shape,
 * makes them fail. Keys of paths are parameters, but for plain ones (letters, digits, `_`, `.`, `-`).
 */
export interface JsonDialect {
  /** There is a value at the path; JSON null is one. */
  exists(column: Column, path: JsonPath): SQL
  /** The value equals another one in depth; keys have no order. */
  equals(column: Column, path: JsonPath, value: Json): SQL
  /**
   * What every document with this value at the path fulfils, as an index of documents answers it: a first sieve before
   * `equals`. Undefined where there is nothing to look up; missing where the engine has no such index.
   */
  sieve?(column: Column, path: JsonPath, value: Json): SQL | undefined
  /** The value equals one of these. */
  isOneOf(column: Column, path: JsonPath, values: readonly Json[]): SQL
  /** The value is of the same type and compares so; texts compare by their bytes. */
  compares(column: Column, path: JsonPath, comparison: Comparison, value: string | number): SQL
  /** A string of the document, at any depth, contains the text; ASCII letters match in any case. */
  containsText(column: Column, text: string): SQL
  /** The list of texts has at least one of these. */
  hasAny(column: Column, texts: readonly string[]): SQL
  /** The list of texts has all of these. */
  hasAll(column: Column, texts: readonly string[]): SQL
}
