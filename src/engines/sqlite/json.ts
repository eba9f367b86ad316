import { and, type Column, or, type SQL, sql } from 'drizzle-orm'
import type { Json } from '../../../schema/values.ts'
import type { JsonDialect, JsonPath } from '../json.ts'

/** SQLite's spelling. It compares no documents: equality in depth is a condition for each part. */
export const sqliteJson: JsonDialect = {
  exists: (column, path) => sql`${typeAt(column, path)} is not null`,
  equals,
  isOneOf: isOneOf,
  compares(column, path, comparison, value) {
    const operator = sql.raw(comparison)
    if (typeof value === 'number') {
      return sql`(${isNumber(column, path)} and ${valueAt(column, path)} ${operator} ${number(value)})`
    }
    return sql`(${typeAt(column, path)} = 'text' and ${valueAt(column, path)} ${operator} ${value})`
  },
  containsText: (column, text) => sql`exists (
    select 1 from json_tree(${column}) as part where part.type = 'text' and instr(lower(part.atom), lower(${text})) > 0)`,
  hasAny: (column, texts) => sql`exists (
    select 1 from json_each(${column}) as tag
    where tag.type = 'text' and tag.value in (select value from json_each(${JSON.stringify(texts)})))`,
  hasAll: (column, texts) =>
    texts.length === 0
      ? sql`true`
      : sql`(${column} is not null and not exists (
    select 1 from json_each(${JSON.stringify(texts)}) as wanted
    where wanted.value not in (select tag.value from json_each(${column}) as tag where tag.type = 'text')))`,
}

function equals(column: Column, path: JsonPath, value: Json): SQL {
  if (value === null || typeof value === 'boolean') {
    return sql`${typeAt(column, path)} = ${sql.raw(`'${value}'`)}`
  }
  if (typeof value === 'string') {
    return sql`(${typeAt(column, path)} = 'text' and ${valueAt(column, path)} = ${value})`
  }
  if (typeof value === 'number') {
    return sql`(${isNumber(column, path)} and ${valueAt(column, path)} = ${number(value)})`
  }
  const isList = Array.isArray(value)
  const entries: [string | number, Json][] = isList ? value.map((item, i) => [i, item]) : Object.entries(value)
  const size = sql`(select count(*) from json_each(${column}, ${text(path)})) = ${sql.raw(String(entries.length))}`
  const same = entries.map(([step, part]) => equals(column, [...path, step], part))
  return sql`(${and(sql`${typeAt(column, path)} = ${sql.raw(isList ? "'array'" : "'object'")}`, size, ...same)})`
}

function isOneOf(column: Column, path: JsonPath, values: readonly Json[]): SQL {
  const texts = values.filter((value) => typeof value === 'string')
  const numbers = values.filter((value) => typeof value === 'number')
  const words = new Set(values.filter((value) => value === null || typeof value === 'boolean'))
  const documents = values.filter((value) => typeof value === 'object' && value !== null)
  const isAmong = (list: readonly Json[]) =>
    sql`${valueAt(column, path)} in (select value from json_each(${JSON.stringify(list)}))`
  return (
    or(
      texts.length > 0 ? sql`(${typeAt(column, path)} = 'text' and ${isAmong(texts)})` : undefined,
      numbers.length > 0 ? sql`(${isNumber(column, path)} and ${isAmong(numbers)})` : undefined,
      ...[...words].map((word) => equals(column, path, word)),
      ...documents.map((document) => equals(column, path, document)),
    ) ?? sql`false`
  )
}

const typeAt = (column: Column, path: JsonPath) => sql`json_type(${column}, ${jsonPath(path)})`
const valueAt = (column: Column, path: JsonPath) => sql`json_extract(${column}, ${jsonPath(path)})`
const isNumber = (column: Column, path: JsonPath) => sql`${typeAt(column, path)} in ('integer', 'real')`

// The stored number and the given one are read by the same parser.
const number = (value: number) => sql`json_extract(${JSON.stringify(value)}, '$')`

/** A path of plain keys is written out, so that an app's own index of that path matches it as text. */
const jsonPath = (path: JsonPath): SQL => (path.every(isPlain) ? sql.raw(`'${text(path)}'`) : sql`${text(path)}`)

const isPlain = (step: string | number) => typeof step === 'number' || /^[\w.-]{1,200}$/.test(step)

/** A path as SQLite writes it. A key is a JSON string in it, so that no character of a key has a meaning. */
const text = (path: JsonPath) =>
  `$${path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${JSON.stringify(step)}`)).join('')}`
