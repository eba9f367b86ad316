import { and, type Column, or, type SQL, sql } from 'drizzle-orm'
import type { Json } from '../../../schema/values.ts'
import type { JsonDialect, JsonPath } from '../json.ts'
import { readableDocument } from './document.ts'

/**
 * ClickHouse's spelling. Documents are texts, as JSON.stringify wrote them, and are read where they are asked for.
 * Nothing compares documents: equality in depth is a condition for each part.
 */
export const clickhouseJson: JsonDialect = {
  exists: (column, path) => inDocument(column, isThere(path)),
  equals: (column, path, value) => inDocument(column, equals(path, value)),
  isOneOf: (column, path, values) => inDocument(column, isOneOf(path, values)),
  compares(column, path, comparison, value) {
    const operator = sql.raw(comparison)
    const [isOfType, found] = typeof value === 'number' ? [isNumber(path), floatAt(path)] : [isText(path), textAt(path)]
    return inDocument(column, sql`${isOfType} and ${found} ${operator} ${value}`)
  },
  containsText,
  hasAny: (column, texts) => sql`hasAny(${textsOf(column)}, ${listOf(texts)})`,
  hasAll: (column, texts) =>
    texts.length === 0 ? sql`true` : sql`(${column} is not null and hasAll(${textsOf(column)}, ${listOf(texts)}))`,
}

/** A column's document in a condition, which has it by this name: what makes it readable stands in a statement once. */
const inDocument = (column: Column, condition: SQL): SQL =>
  sql`arrayExists(${document} -> ${condition}, [${readableDocument(column)}])`

const document = sql.raw('document')

function equals(path: JsonPath, value: Json): SQL {
  // An absent value is of the type Null too.
  if (value === null) return sql`(${isThere(path)} and ${isOf(path, 'Null')})`
  switch (typeof value) {
    case 'boolean':
      return sql`(${isOf(path, 'Bool')} and JSONExtractBool(${steps(path)}) = ${sql.raw(String(value))})`
    case 'string':
      return sql`(${isText(path)} and ${textAt(path)} = ${value})`
    case 'number':
      return sql`(${isNumber(path)} and ${floatAt(path)} = ${value})`
  }
  const isList = Array.isArray(value)
  const entries: [string | number, Json][] = isList ? value.map((item, i) => [i, item]) : Object.entries(value)
  const size = sql`JSONLength(${steps(path)}) = ${sql.raw(String(entries.length))}`
  const same = entries.map(([step, part]) => equals([...path, step], part))
  return sql`(${and(isOf(path, isList ? 'Array' : 'Object'), size, ...same)})`
}

/** Texts and numbers are a list each: a condition for each of thousands is more than the engine reads. */
function isOneOf(path: JsonPath, values: readonly Json[]): SQL {
  const texts = values.filter((value) => typeof value === 'string')
  const numbers = values.filter((value) => typeof value === 'number')
  const words = new Set(values.filter((value) => value === null || typeof value === 'boolean'))
  const documents = values.filter((value) => typeof value === 'object' && value !== null)
  const isAmongTexts = sql`(${isText(path)} and has(${listOf(texts)}, ${textAt(path)}))`
  const isAmongNumbers = sql`(${isNumber(path)} and has(${floatsOf(numbers)}, ${floatAt(path)}))`
  return (
    or(
      texts.length > 0 ? isAmongTexts : undefined,
      numbers.length > 0 ? isAmongNumbers : undefined,
      ...[...words, ...documents].map((value) => equals(path, value)),
    ) ?? sql`false`
  )
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

const isThere = (path: JsonPath) => sql`(${and(...lists(path), sql`JSONHas(${steps(path)})`)})`
const textAt = (path: JsonPath) => sql`JSONExtractString(${steps(path)})`
const floatAt = (path: JsonPath) => sql`JSONExtractFloat(${steps(path)})`
const typeAt = (path: JsonPath) => sql`toString(JSONType(${steps(path)}))`

const isOf = (path: JsonPath, type: string) =>
  sql`(${and(...lists(path), sql`${typeAt(path)} = ${sql.raw(`'${type}'`)}`)})`

const isText = (path: JsonPath) => isOf(path, 'String')

const isNumber = (path: JsonPath) =>
  sql`(${and(...lists(path), sql`${typeAt(path)} in ('Int64', 'UInt64', 'Double')`)})`

/** Where a path has an index there must be a list: the engine counts the members of objects as well. */
const lists = (path: JsonPath): SQL[] =>
  path.flatMap((step, i) => (typeof step === 'number' ? sql`${typeAt(path.slice(0, i))} = 'Array'` : []))

/** The document and the steps into it, as arguments. The engine counts from 1. */
const steps = (path: JsonPath): SQL =>
  sql.join(
    [document, ...path.map((step) => (typeof step === 'number' ? sql.raw(String(step + 1)) : sql`${step}`))],
    sql`, `,
  )

const textsOf = (column: Column) => sql`JSONExtract(ifNull(${column}, '[]'), 'Array(String)')`
const listOf = (texts: readonly string[]) => sql`JSONExtract(${JSON.stringify(texts)}, 'Array(String)')`

/** With an exponent each, or an integer outside of 64 bits would make the list unreadable. */
const floatsOf = (numbers: readonly number[]) =>
  sql`JSONExtract(${`[${numbers.map((number) => number.toExponential())}]`}, 'Array(Float64)')`
