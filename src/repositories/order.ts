import { and, asc, type Column, desc, gte, lte, type SQL, sql } from 'drizzle-orm'
import { isoFromMicros, microsFromIso } from '../../schema/time.ts'
import { ValidationError } from '../errors.ts'
import { maxMicros } from '../rows/limits.ts'
import { type CursorKeys, decodeCursor, encodeCursor } from './cursor.ts'

/** What a list can be ordered by, and the column that it means. */
export const orderColumns = {
  time: 'startTime',
  duration: 'durationMs',
  cost: 'costUsd',
  tokens: 'totalTokens',
} as const

/** What a list can be ordered by. Rows without the value come last in both directions. */
export type OrderBy = keyof typeof orderColumns

/** Which end of the order comes first. */
export type Direction = 'desc' | 'asc'

/** The order of a list. */
export interface OrderOptions {
  /**
   * `time` is answered by an index at any depth. The others sort what the filter leaves: give them a time range.
   * @default 'time'
   */
  orderBy?: OrderBy | undefined
  /** @default 'desc' */
  direction?: Direction | undefined
}

type OrderedTable = { readonly [K in (typeof orderColumns)[OrderBy]]: Column }
type OrderedRow = Readonly<Record<string, unknown>>

/**
 * An order of a table's rows: by a column, then by the key, so that no two rows are equal in it. Pages continue after
 * the last row's values, by a comparison of rows, which an index answers at any depth.
 */
export class Order {
  /** What cursors of this order are marked with. */
  readonly name: string
  readonly #column: Column
  readonly #columnName: string
  readonly #keys: readonly (readonly [string, Column])[]
  readonly #direction: Direction

  /**
   * @param keys the rest of the table's primary key, which breaks ties
   * @throws ValidationError for an order that there is none of
   */
  constructor(table: OrderedTable, keys: Readonly<Record<string, Column>>, options: OrderOptions = {}) {
    const { orderBy = 'time', direction = 'desc' } = options
    if (!Object.hasOwn(orderColumns, orderBy)) throw fault('orderBy', Object.keys(orderColumns))
    if (direction !== 'asc' && direction !== 'desc') throw fault('direction', ['asc', 'desc'])
    this.name = `${orderBy}.${direction}`
    this.#columnName = orderColumns[orderBy]
    this.#column = table[orderColumns[orderBy]]
    this.#keys = Object.entries(keys)
    this.#direction = direction
  }

  /** The terms of ORDER BY. */
  get terms(): SQL[] {
    const directed = this.#direction === 'desc' ? desc : asc
    const first = directed(this.#column)
    return [
      this.#column.notNull ? first : sql`${first} nulls last`,
      ...this.#keys.map(([, column]) => directed(column)),
    ]
  }

  /** The place of a row, as text. */
  cursor(row: OrderedRow): string {
    const names = [this.#columnName, ...this.#keys.map(([name]) => name)]
    return encodeCursor(
      this.name,
      names.map((name) => row[name] as CursorKeys[number]),
    )
  }

  /** The values in a cursor, checked: the column's, then the keys'. */
  values(cursor: string): CursorKeys {
    const [value, ...keys] = decodeCursor(this.name, cursor, 1 + this.#keys.length)
    if (this.#fits(value) && keys.every((key) => typeof key === 'string')) return [value as CursorKeys[number], ...keys]
    throw new ValidationError('Invalid page', [{ field: 'after', message: 'is not a cursor that a list returned' }])
  }

  #fits(value: unknown): boolean {
    if (this.#columnName === 'startTime') return isInstant(value)
    if (value === null) return true
    return this.#columnName === 'totalTokens' ? Number.isSafeInteger(value) : Number.isFinite(value)
  }

  /** The rows after a cursor; without one all rows. */
  after(cursor: string | undefined): SQL | undefined {
    if (cursor === undefined) return this.#fromTheStart()
    const [value, ...keys] = this.values(cursor)
    if (value === null) return and(sql`${this.#column} is null`, this.#beyond([], keys))
    const beyond = this.#beyond([[this.#column, value as string | number]], keys)
    return this.#column.notNull ? beyond : sql`(${beyond} or ${this.#column} is null)`
  }

  /** A bound that every time fulfils: without one SQLite cannot tell that the index of times serves best. */
  #fromTheStart(): SQL | undefined {
    if (this.#columnName !== 'startTime') return undefined
    return this.#direction === 'desc' ? lte(this.#column, latest) : gte(this.#column, earliest)
  }

  /** The rows after placeholders: the first is called `value`, the keys have their own names. */
  afterPlaceholders(): SQL {
    const key = (name: string) => sql.placeholder(name)
    return this.#beyond(
      [[this.#column, key('value')]],
      this.#keys.map(([name]) => key(name)),
    )
  }

  #beyond(first: readonly (readonly [Column, unknown])[], keys: readonly unknown[]): SQL {
    const pairs = [...first, ...this.#keys.map(([, column], i) => [column, keys[i]] as const)]
    const columns = pairs.map(([column]) => sql`${column}`)
    const values = pairs.map(([column, value]) => sql`${sql.param(value, column)}`)
    const comparison = sql.raw(this.#direction === 'desc' ? '<' : '>')
    return sql`(${sql.join(columns, sql`, `)}) ${comparison} (${sql.join(values, sql`, `)})`
  }
}

const earliest = isoFromMicros(0)
const latest = isoFromMicros(maxMicros)

// A cursor is a caller's text: whatever is in it must not reach the engine unchecked.
const isInstant = (value: unknown) =>
  typeof value === 'string' &&
  value.length === 27 &&
  microsFromIso(value) >= 0 &&
  isoFromMicros(microsFromIso(value)) === value

const fault = (field: string, accepted: readonly string[]) =>
  new ValidationError('Invalid page', [{ field, message: `must be one of ${accepted.join(', ')}` }])
