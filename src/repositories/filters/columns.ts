import { and, type Column, eq, gt, gte, inArray, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import type { Dialect } from '../../engines/dialect.ts'
import {
  checkedBoolean,
  checkedList,
  checkedNeedle,
  checkedNumber,
  checkedText,
  filterFault,
  isRecord,
} from './values.ts'

const bounds = { gt, gte, lt, lte } as const

/** Sorts after every character of a text. */
const last = '\u{10FFFF}'

/** A text column is one of some texts, has none, contains a text, or begins with it. */
export function matchText(dialect: Dialect, column: Column, wanted: unknown, field: string): SQL | undefined {
  if (isRecord(wanted)) {
    const { contains, startsWith } = only(wanted, ['contains', 'startsWith'], field)
    if (startsWith === undefined) return dialect.containsText(column, checkedNeedle(contains, `${field}.contains`))
    if (contains !== undefined) throw filterFault(field, 'must have contains or startsWith, not both')
    const start = checkedText(startsWith, `${field}.startsWith`)
    return and(gte(column, start), lt(column, `${start}${last}`))
  }
  const values = Array.isArray(wanted) ? checkedList(wanted, field) : [wanted]
  const texts = values.filter((value) => value !== null).map((value) => checkedText(value, field))
  const [first] = texts
  const isOne = texts.length === 1 ? eq(column, first) : dialect.isInList(column, dialect.list(texts))
  return texts.length < values.length ? or(isNull(column), isOne) : isOne
}

/** A number column is a number, has none, or lies within bounds. */
export function matchNumber(column: Column, wanted: unknown, field: string): SQL | undefined {
  if (wanted === null) return isNull(column)
  if (isRecord(wanted)) return matchRange(column, wanted, field, checkedNumber)
  return sql`${column} = ${asFloat(column, checkedNumber(wanted, field))}`
}

/** A column lies within bounds. */
export function matchRange(
  column: Column,
  wanted: unknown,
  field: string,
  checked: (value: unknown, field: string) => string | number,
): SQL | undefined {
  if (!isRecord(wanted)) throw filterFault(field, `must be a range of ${Object.keys(bounds).join(', ')}`)
  const range = only(wanted, Object.keys(bounds), field)
  return and(
    ...Object.entries(bounds).map(([name, compare]) => {
      const bound = range[name]
      if (bound === undefined) return undefined
      const value = checked(bound, `${field}.${name}`)
      return typeof value === 'number' ? compare(column, asFloat(column, value)) : compare(column, value)
    }),
  )
}

/** A boolean column is true, is false, or has no value. */
export const matchBoolean = (column: Column, wanted: unknown, field: string): SQL =>
  wanted === null ? isNull(column) : eq(column, checkedBoolean(wanted, field))

/** A column with a closed vocabulary. Its words are written out: partial indexes are found by the words of a query. */
export function matchEnum(
  column: Column,
  wanted: unknown,
  field: string,
  vocabulary: readonly string[],
): SQL | undefined {
  const values = Array.isArray(wanted) ? checkedList(wanted, field) : [wanted]
  const words = values.filter((value) => value !== null)
  for (const word of words) {
    if (typeof word !== 'string' || !vocabulary.includes(word)) {
      throw filterFault(field, `must be one of ${vocabulary.join(', ')}`)
    }
  }
  const quoted = [...new Set(words)].map((word) => sql.raw(`'${word}'`))
  const isOne = quoted.length === 1 ? sql`${column} = ${quoted[0]}` : inWords(column, quoted)
  return words.length < values.length ? or(isNull(column), isOne) : isOne
}

const inWords = (column: Column, words: SQL[]) => (words.length === 0 ? sql`false` : inArray(column, words))

/** Tags: one of some, all of some. */
export function matchTags(dialect: Dialect, column: Column, wanted: unknown, field: string): SQL | undefined {
  const { any, all } = isRecord(wanted)
    ? only(wanted, ['any', 'all'], field)
    : { any: Array.isArray(wanted) ? wanted : [wanted], all: undefined }
  const list = (values: unknown, name: string) => checkedList(values, name).map((value) => checkedText(value, name))
  return and(
    any === undefined ? undefined : dialect.json.hasAny(column, list(any, `${field}.any`)),
    all === undefined ? undefined : dialect.json.hasAll(column, list(all, `${field}.all`)),
  )
}

/** A text in any string of a document. */
export function matchContent(dialect: Dialect, column: Column, wanted: unknown, field: string): SQL {
  if (!isRecord(wanted)) throw filterFault(field, 'must be { contains: text }')
  return dialect.json.containsText(
    column,
    checkedNeedle(only(wanted, ['contains'], field).contains, `${field}.contains`),
  )
}

/** An object that has no other members than these. */
export function only(value: Record<string, unknown>, names: readonly string[], field: string): Record<string, unknown> {
  for (const name of Object.keys(value)) {
    if (!names.includes(name)) throw filterFault(`${field}.${name}`, `is not among ${names.join(', ')}`)
  }
  return value
}

// A bound may be a fraction where the column holds integers, which Postgres would refuse as an integer's text.
const asFloat = (column: Column, value: number) =>
  Number.isSafeInteger(value) && column.getSQLType() !== 'integer' ? value : sql`cast(${value} as double precision)`
