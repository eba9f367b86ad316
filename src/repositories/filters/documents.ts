import { and, type Column, type SQL, sql } from 'drizzle-orm'
import type { Json } from '../../../schema/values.ts'
import type { Dialect } from '../../engines/dialect.ts'
import type { JsonDialect, JsonPath } from '../../engines/json.ts'
import { only } from './columns.ts'
import {
  checkedBoolean,
  checkedJson,
  checkedList,
  checkedNumber,
  checkedPath,
  checkedText,
  filterFault,
  isRecord,
} from './values.ts'

const comparisons = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

/** The columns that have an index of documents: traces.metadata. */
const indexed: ReadonlySet<string> = new Set(['metadata'])
/** Values of a list up to which each is looked up in the index. */
const mostLookedUp = 50

const members = ['path', 'exists', 'eq', 'ne', 'in', ...Object.keys(comparisons)]

/**
 * Conditions on values in a JSON document, all of which must hold.
 *
 * @param count called with how many conditions the values add
 */
export function matchDocument(
  dialect: Dialect,
  column: Column,
  wanted: unknown,
  field: string,
  count: (conditions: number) => void,
): SQL | undefined {
  const predicates = Array.isArray(wanted) ? checkedList(wanted, field) : [wanted]
  count(predicates.length)
  return and(
    sql`true`,
    ...predicates.map((predicate, i) =>
      matchPath(dialect, column, predicate, Array.isArray(wanted) ? `${field}[${i}]` : field, count),
    ),
  )
}

function matchPath(
  { json }: Dialect,
  column: Column,
  predicate: unknown,
  field: string,
  count: (conditions: number) => void,
): SQL | undefined {
  if (!isRecord(predicate)) throw filterFault(field, `must be an object of ${members.join(', ')}`)
  only(predicate, members, field)
  const path = checkedPath(predicate.path, `${field}.path`)
  const value = (name: string) => {
    const checked = checkedJson(predicate[name], `${field}.${name}`)
    count(parts(checked))
    return checked
  }
  const conditions: SQL[] = []
  if (predicate.exists !== undefined) {
    const isThere = json.exists(column, path)
    conditions.push(checkedBoolean(predicate.exists, `${field}.exists`) ? isThere : sql`((${isThere}) is not true)`)
  }
  const sieve = (values: readonly Json[]) => sieveOf(json, column, path, values)
  if (predicate.eq !== undefined) {
    const wanted = value('eq')
    conditions.push(...sieve([wanted]), json.equals(column, path, wanted))
  }
  if (predicate.ne !== undefined) {
    conditions.push(sql`(${json.exists(column, path)} and (${json.equals(column, path, value('ne'))}) is not true)`)
  }
  if (predicate.in !== undefined) {
    const list = checkedList(predicate.in, `${field}.in`).map((each, i) => checkedJson(each, `${field}.in[${i}]`))
    // Scalars are one parameter together; each list and object is a condition of its own.
    count(list.reduce((sum: number, each) => sum + (isScalar(each) ? 0 : parts(each)), 1))
    conditions.push(...sieve(list), json.isOneOf(column, path, list))
  }
  for (const [name, operator] of Object.entries(comparisons)) {
    const bound = predicate[name]
    if (bound === undefined) continue
    const at = `${field}.${name}`
    const checked = typeof bound === 'string' ? checkedText(bound, at) : checkedNumber(bound, at)
    conditions.push(json.compares(column, path, operator, checked))
  }
  if (conditions.length === 0) throw filterFault(field, `needs one of ${members.slice(1).join(', ')}`)
  return and(...conditions)
}

/** What an index of documents answers for some values; nothing where it cannot answer for each of them. */
function sieveOf(json: JsonDialect, column: Column, path: JsonPath, values: readonly Json[]): SQL[] {
  if (!json.sieve || !indexed.has(column.name) || values.length === 0 || values.length > mostLookedUp) return []
  const sieves = values.flatMap((value) => json.sieve?.(column, path, value) ?? [])
  return sieves.length === values.length ? [sql`(${sql.join(sieves, sql` or `)})`] : []
}

const isScalar = (value: unknown) => typeof value !== 'object' || value === null

/** How many conditions it takes to compare with a value in depth. */
function parts(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, each) => sum + parts(each), 1)
}
