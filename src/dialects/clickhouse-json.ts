import { and, type Column, or, type SQL, sql } from 'drizzle-orm'
import type { Json } from '../../schema/values.ts'
import type { JsonDialect, JsonPath } from './json.ts'

/**
 * ClickHouse's spelling. Documents are texts, as JSON.stringify wrote them, and are read where they are asked for.
 * Nothing compares documents: equality in depth is a condition for each part.
 */
export const clickhouseJson: JsonDialect = {
  exists: (column, path) => sql`(${and(...lists(column, path), sql`JSONHas(${column}${steps(path)})`)})`,
  equals,
  isOneOf,
  compares(column, path, comparison, value) {
    const operator = sql.raw(comparison)
    if (typeof value === 'number') {
      return sql`(${isNumber(column, path)} and ${floatAt(column, path)} ${operator} ${value})`
    }
    return sql`(${isOf(column, path, 'String')} and ${textAt(column, path)} ${operator} ${value})`
  },
  containsText,
  hasAny: (column, texts) => sql`hasAny(${textsOf(column)}, ${listOf(texts)})`,
  hasAll: (column, texts) =>
    texts.length === 0 ? sql`true` : sql`(${column} is not null and hasAll(${textsOf(column)}, ${listOf(texts)}))`,
}

function equals(column: Column, path: JsonPath, value: Json): SQL {
  // An absent place is of the type Null too.
  if (value === null) return sql`(${clickhouseJson.exists(column, path)} and ${isOf(column, path, 'Null')})`
  switch (typeof value) {
    case 'boolean':
      return sql`(${isOf(column, path, 'Bool')} and JSONExtractBool(${column}${steps(path)}) = ${sql.raw(String(value))})`
    case 'string':
      return sql`(${isOf(column, path, 'String')} and ${textAt(column, path)} = ${value})`
    case 'number':
      return sql`(${isNumber(column, path)} and ${floatAt(column, path)} = ${value})`
  }
  const isList = Array.isArray(value)
  const entries: [string | number, Json][] = isList ? value.map((item, i) => [i, item]) : Object.entries(value)
  const size = sql`JSONLength(${column}${steps(path)}) = ${sql.raw(String(entries.length))}`
  const same = entries.map(([step, part]) => equals(column, [...path, step], part))
  return sql`(${and(isOf(column, path, isList ? 'Array' : 'Object'), size, ...same)})`
}

function isOneOf(column: Column, path: JsonPath, values: readonly Json[]): SQL {
  const texts = values.filter((value) => typeof value === 'string')
  const others = values.filter((value) => typeof value !== 'string')
  const isText = sql`(${isOf(column, path, 'String')} and has(${listOf(texts)}, ${textAt(column, path)}))`
  return or(texts.length > 0 ? isText : undefined, ...others.map((value) => equals(column, path, value))) ?? sql`false`
}

/**
 * The text is looked for in the document as it is written, which an index answers, and where that is found, in its
 * strings: not in keys, and not in the middle of an escape.
 */
function containsText(column: Column, text: string): SQL {
  const written = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[\\%_]/g, '\\$&')
  const isWritten = sql`lower(ifNull(${column}, '')) like lower(${`%${written}%`})`
  const strings = sql`arrayMap(pair -> pair[2], extractAllGroupsVertical(ifNull(${column}, ''), ${keysAndStrings}))`
  const read = sql`JSONExtractString(concat('["', part, '"]'), 1)`
  return sql`(${isWritten} and arrayExists(part -> position(lower(${read}), lower(${text})) > 0, ${strings}))`
}

/** A key, or else a string. Keys are read as well, since what they hold would be taken for strings otherwise. */
const keysAndStrings = sql.raw(`'"((?:[^"\\\\\\\\]|\\\\\\\\.)*)":|"((?:[^"\\\\\\\\]|\\\\\\\\.)*)"'`)

const textAt = (column: Column, path: JsonPath) => sql`JSONExtractString(${column}${steps(path)})`
const floatAt = (column: Column, path: JsonPath) => sql`JSONExtractFloat(${column}${steps(path)})`

const isOf = (column: Column, path: JsonPath, type: string) =>
  sql`(${and(...lists(column, path), sql`${typeAt(column, path)} = ${sql.raw(`'${type}'`)}`)})`

const isNumber = (column: Column, path: JsonPath) =>
  sql`(${and(...lists(column, path), sql`${typeAt(column, path)} in ('Int64', 'UInt64', 'Double')`)})`

const typeAt = (column: Column, path: JsonPath) => sql`toString(JSONType(${column}${steps(path)}))`

/** Where a path has an index there must be a list: the engine counts the members of objects as well. */
const lists = (column: Column, path: JsonPath): SQL[] =>
  path.flatMap((step, i) => (typeof step === 'number' ? sql`${typeAt(column, path.slice(0, i))} = 'Array'` : []))

/** The steps as arguments. The engine counts from 1. */
const steps = (path: JsonPath): SQL =>
  sql.join(path.map((step) => (typeof step === 'number' ? sql.raw(`, ${step + 1}`) : sql`, ${step}`)))

const textsOf = (column: Column) => sql`JSONExtract(ifNull(${column}, '[]'), 'Array(String)')`
const listOf = (texts: readonly string[]) => sql`JSONExtract(${JSON.stringify(texts)}, 'Array(String)')`
