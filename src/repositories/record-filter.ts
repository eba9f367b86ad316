import { and, type Column, eq, getTableColumns, type SQL } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Instant } from '../rows/records.ts'
import { matchEnum, matchNumber, matchRange, matchTags, matchText } from './predicates/columns.ts'
import type { FilterScope } from './predicates/compile.ts'
import { matchDocument } from './predicates/documents.ts'
import { checkedBoolean, checkedInstant, filterFault, filterLimits, isRecord } from './predicates/values.ts'

/** How a column is compared; a list is a closed vocabulary. */
export type FieldKind = 'text' | 'number' | 'instant' | 'json' | 'tags' | 'bool' | readonly string[]

/** The columns that records of one table can be filtered by. */
export type FieldKinds = Readonly<Record<string, FieldKind>>

/** A condition that is more than a comparison of one column. */
export type OwnCondition = (wanted: unknown, field: string) => SQL | undefined

/** When a record happened. */
export interface TimeFilter {
  /** At this instant or later. */
  readonly since?: Instant | undefined
  /** Before this instant. */
  readonly until?: Instant | undefined
}

/** A list of fields that are columns, by kind. */
export const fieldsOf = (kinds: { readonly [K in Extract<FieldKind, string>]?: readonly string[] }): FieldKinds =>
  Object.fromEntries(
    Object.entries(kinds).flatMap(([kind, names]) => names.map((name) => [name, kind as FieldKind] as const)),
  )

/**
 * A filter of records (results, points, logs) as SQL: the same for lists, counts, streams and statistics. The project
 * is not part of it.
 *
 * @param own conditions by name, beside those of the columns
 * @throws ValidationError for a field that there is none of, or a value of a wrong type
 */
export function compileFields(
  { pool: { dialect } }: FilterScope,
  table: PgTable & { time?: Column },
  kinds: FieldKinds,
  filter: object,
  own: Readonly<Record<string, OwnCondition>> = {},
): SQL | undefined {
  if (!isRecord(filter)) throw filterFault('', 'must be an object of conditions')
  const columns: Readonly<Record<string, Column>> = getTableColumns(table)
  let conditions = 0
  const count = (more: number) => {
    conditions += more
    if (conditions > filterLimits.conditions) {
      throw filterFault('filter', `must have at most ${filterLimits.conditions} conditions`)
    }
  }
  const compiled = Object.entries(filter).map(([name, wanted]) => {
    if (wanted === undefined) return undefined
    count(1)
    if (Object.hasOwn(own, name)) return own[name]?.(wanted, name)
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if ((name === 'since' || name === 'until') && table.time) {
      const bound = { [name === 'since' ? 'gte' : 'lt']: wanted }
      return matchRange(table.time, bound, name, (value) => checkedInstant(value, name))
    }
    const column = columns[name]
    if (kind === undefined || !column) throw filterFault(name, 'is not a field to filter by')
    switch (kind) {
      case 'text':
        return matchText(dialect, column, wanted, name)
      case 'number':
        return matchNumber(column, wanted, name)
      case 'instant':
        return matchRange(column, wanted, name, checkedInstant)
      case 'tags':
        return matchTags(dialect, column, wanted, name)
      case 'json':
        return matchDocument(dialect, column, wanted, name, count)
      case 'bool':
        return eq(column, checkedBoolean(wanted, name))
      default:
        return matchEnum(column, wanted, name, kind)
    }
  })
  return and(...compiled)
}
