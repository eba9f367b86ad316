import { type Column, type SQL, sql } from 'drizzle-orm'
import type { Json } from '../../../schema/values.ts'
import type { JsonDialect, JsonPath } from '../json.ts'

/** PostgreSQL's spelling: jsonb compares in depth by itself, and no operator of it fails on a type. */
export const postgresJson: JsonDialect = {
  exists: (column, path) => sql`${at(column, path)} is not null`,
  equals: (column, path, value) => sql`${at(column, path)} = ${document(value)}`,
  sieve: (column, path, value) =>
    hasScalar(value) ? sql`${column} @> ${document(documentWith(path, value))}` : undefined,
  isOneOf: (column, path, values) => sql`${at(column, path)} in (select jsonb_array_elements(${document(values)}))`,
  compares(column, path, comparison, value) {
    const position = at(column, path)
    const operator = sql.raw(comparison)
    if (typeof value === 'number') {
      return sql`(jsonb_typeof(${position}) = 'number' and ${position} ${operator} ${document(value)})`
    }
    return sql`(jsonb_typeof(${position}) = 'string' and (${position} #>> '{}') collate "C" ${operator} ${value})`
  },
  containsText: (column, text) => sql`exists (
    select from jsonb_path_query(${column}, 'strict $.**') as part
    where jsonb_typeof(part) = 'string'
      and strpos(lower((part #>> '{}') collate "C"), lower(${text}::text collate "C")) > 0)`,
  hasAny: (column, texts) => sql`${column} ?| ${list(texts)}::text[]`,
  hasAll: (column, texts) => (texts.length === 0 ? sql`true` : sql`${column} ?& ${list(texts)}::text[]`),
}

/** A list of texts as an array literal. */
export function list(values: readonly string[]): string {
  if (values.length === 0) return '{}'
  const all = values.join('')
  const hasNone = !all.includes('"') && !all.includes('\\')
  return `{"${(hasNone ? values : values.map((value) => value.replace(/[\\"]/g, '\\$&'))).join('","')}"}`
}

/** The value at a path. `->` takes a text for a key only, but an integer for an index into a scalar as well. */
const at = (column: Column, path: JsonPath): SQL =>
  path.reduce<SQL>(
    (value, step) => (typeof step === 'number' ? itemAt(value, step) : sql`(${value} -> ${step}::text)`),
    sql`${column}`,
  )

const itemAt = (list: SQL, index: number): SQL =>
  sql`jsonb_path_query_first(${list}, ${sql.raw(`'strict $[${index}]'`)}, silent => true)`

/** The smallest document with a value at a path. Containment does not look at the index in a list. */
const documentWith = (path: JsonPath, value: Json): Json =>
  path.reduceRight<Json>((inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }), value)

/** Of a document without any, the index holds nothing: it would be read from end to end. */
const hasScalar = (value: Json): boolean =>
  typeof value !== 'object' || value === null || Object.values(value).some(hasScalar)

// As text first: the driver would write a parameter of type jsonb as JSON once more.
const document = (value: Json) => sql`${JSON.stringify(value)}::text::jsonb`
