import { and, asc, type Column, desc, gte, lte, type SQL, sql } from 'drizzle-orm'
import { isoFromMicros, microsFromIso } from '../../schema/time.ts'
import { ValidationError } from '../errors.ts'
import { maxInt, maxMicros } from '../rows/limits.ts'
import { isInstantMicros } from '../rows/micros.ts'
import { type CursorKeys, decodeCursor, encodeCursor } from './cursor.ts'
import type { FieldKind } from './filters/match.ts'

/** Which end of the order comes first. */
export type Direction = 'desc' | 'asc'

/** The order of a list. */
export interface OrderOptions<O extends string> {
  /** Rows without the value come last in both directions. @default 'time', of metrics 'name' */
  orderBy?: O | undefined
  /** @default 'desc', of metrics 'asc' */
  direction?: Direction | undefined
}

/** What the values of an expression are: it decides which values a cursor may have. */
export type OrderedKind = 'instant' | 'text' | 'number' | 'integer' | 'integer32'

/** An expression that rows are ordered by. */
export interface OrderTerm {
  /** The name of the value in a row. */
  readonly name: string
  readonly value: SQL | Column
  readonly kind: OrderedKind
  /** Whether a row may have no value. */
  readonly isNullable: boolean
  /** The column whose way of writing values the engine expects. */
  readonly encoder?: Column | undefined
}

/** A column as a term of an order. */
export const termOf = (name: string, column: Column, kind: FieldKind | undefined): OrderTerm => ({
  name,
  value: column,
  kind: kind === 'instant' ? 'instant' : kind === 'number' ? kindOfNumber(column) : 'text',
  isNullable: !column.notNull,
  encoder: column,
})

const kindOfNumber = (column: Column): OrderedKind => {
  if (column.columnType === 'PgInteger') return 'integer32'
  return /int/i.test(column.getSQLType()) ? 'integer' : 'number'
}

/** What an order is made of. */
export interface OrderParts {
  /** What cursors of the order are marked with, such as `traces.time.desc`. */
  readonly name: string
  /** What rows are ordered by, then the key that breaks ties: no two rows are equal in all of them. */
  readonly terms: readonly [OrderTerm, ...OrderTerm[]]
  readonly direction: Direction
}

/**
 * An order of rows. Pages continue after the last row's values, by a comparison of rows, which an index answers at any
 * depth.
 */
export class Order {
  readonly #parts: OrderParts

  constructor(parts: OrderParts) {
    this.#parts = parts
  }

  /** The terms of ORDER BY. */
  get terms(): SQL[] {
    const directed = this.#parts.direction === 'desc' ? desc : asc
    return this.#parts.terms.map(({ value, isNullable }) => {
      return isNullable ? sql`${directed(value)} nulls last` : directed(value)
    })
  }

  /** The cursor after a row. */
  cursor(row: Readonly<Record<string, unknown>>): string {
    const { name, terms } = this.#parts
    return encodeCursor(
      name,
      terms.map((term) => row[term.name] as CursorKeys[number]),
    )
  }

  /** The values in a cursor, by the names of the terms. */
  values(cursor: string): Record<string, unknown> {
    const values = this.#keys(cursor)
    return Object.fromEntries(this.#parts.terms.map(({ name }, i) => [name, values[i]]))
  }

  #keys(cursor: string): CursorKeys {
    const { name, terms } = this.#parts
    const values = decodeCursor(name, cursor, terms.length)
    if (terms.every((term, i) => isValueOf(term, values[i]))) return values
    throw new ValidationError('Invalid page', [{ field: 'after', message: 'is not a cursor that a list returned' }])
  }

  /** The rows after a cursor; without one all rows. */
  after(cursor: string | undefined): SQL | undefined {
    if (cursor === undefined) return this.#fromTheStart()
    const { terms } = this.#parts
    const values = this.#keys(cursor)
    const [first] = terms
    if (values[0] === null) return and(sql`${first.value} is null`, this.#beyond(terms.slice(1), values.slice(1)))
    const beyond = this.#beyond(terms, values)
    return first.isNullable ? sql`(${beyond} or ${first.value} is null)` : beyond
  }

  /** A bound that every time fulfils: without one SQLite does not see that the index of times serves best. */
  #fromTheStart(): SQL | undefined {
    const [{ kind, value, encoder }] = this.#parts.terms
    if (kind !== 'instant' || !encoder || value !== encoder) return undefined
    return this.#parts.direction === 'desc' ? lte(encoder, latest) : gte(encoder, earliest)
  }

  /** The rows after placeholders, which have the names of the terms. */
  afterPlaceholders(): SQL {
    const { terms } = this.#parts
    return this.#beyond(
      terms,
      terms.map(({ name }) => sql.placeholder(name)),
    )
  }

  #beyond(terms: readonly OrderTerm[], values: readonly unknown[]): SQL {
    const left = terms.map(({ value }) => sql`${value}`)
    const right = terms.map(({ encoder }, i) => (encoder ? sql`${sql.param(values[i], encoder)}` : sql`${values[i]}`))
    const comparison = sql.raw(this.#parts.direction === 'desc' ? '<' : '>')
    return sql`(${sql.join(left, sql`, `)}) ${comparison} (${sql.join(right, sql`, `)})`
  }
}

/**
 * The order that a caller asks for.
 *
 * @param known the names that there are; the first is the default
 * @throws ValidationError for an unknown order
 */
export function checkedOrder<O extends string>(
  known: readonly O[],
  options: OrderOptions<O>,
  defaultDirection: Direction = 'desc',
): { orderBy: O; direction: Direction } {
  const { orderBy = known[0], direction = defaultDirection } = options
  if (orderBy === undefined || !known.includes(orderBy)) throw fault('orderBy', known)
  if (direction !== 'asc' && direction !== 'desc') throw fault('direction', ['asc', 'desc'])
  return { orderBy, direction }
}

const earliest = isoFromMicros(0)
const latest = isoFromMicros(maxMicros)

// A cursor is a caller's text: whatever is in it must not reach the engine unchecked.
function isValueOf({ kind, isNullable }: OrderTerm, value: unknown): boolean {
  if (value === null) return isNullable
  switch (kind) {
    case 'instant':
      return isInstant(value)
    case 'text':
      return typeof value === 'string'
    case 'integer':
      return Number.isSafeInteger(value)
    case 'integer32':
      return Number.isInteger(value) && Math.abs(Number(value)) <= maxInt
    case 'number':
      return Number.isFinite(value)
  }
}

const isInstant = (value: unknown) =>
  typeof value === 'string' &&
  value.length === 27 &&
  isInstantMicros(microsFromIso(value)) &&
  isoFromMicros(microsFromIso(value)) === value

const fault = (field: string, accepted: readonly string[]) =>
  new ValidationError('Invalid page', [{ field, message: `must be one of ${accepted.join(', ')}` }])
