import { and, asc, type Column, count, desc, type SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { isoFromMicros, microsFromIso } from '../../schema/time.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import { ValidationError } from '../errors.ts'
import { isInstantMicros } from '../rows/limits.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Direction } from './order.ts'
import { checkedLimit, checkedOffset, type Page, pageOf, streamPages } from './page.ts'
import type { FilterScope } from './predicates/compile.ts'
import { compileRows, type RowOf } from './row-reader.ts'

/** What lists of records take. They are in the order of time. */
export interface RecordPageOptions {
  /** Items of a page, 1 to 1000. @default 50 */
  limit?: number | undefined
  /** The cursor of the page before: the list goes on after it. */
  after?: string | undefined
  /** Items to leave out first, up to 1 000 000; a cursor is faster. @default 0 */
  offset?: number | undefined
  /** Which end of time comes first. @default 'desc' */
  direction?: Direction | undefined
}

/** How a stream of records reads. */
export interface RecordStreamOptions {
  /** The cursor after which it begins. */
  after?: string | undefined
  /** Which end of time comes first. @default 'desc' */
  direction?: Direction | undefined
  /** Rows read at once, 1 to 1000: what the stream holds in memory. @default 500 */
  batch?: number | undefined
  /** Ends the stream with the signal's reason. */
  signal?: AbortSignal | undefined
}

type RecordTable = PgTable & { readonly projectId: PgColumn; readonly time: PgColumn }
type Columns = Readonly<Record<string, PgColumn>>

/** What a list of records reads. */
export interface RecordListOptions<F, C extends Columns> {
  /** What error messages and cursors call the records. */
  readonly name: string
  readonly table: RecordTable
  /** The columns of an item; the time and the id are among them. */
  readonly columns: C
  /** The record's own id, by its name among the columns. */
  readonly id: keyof C & string
  readonly compile: (filter: F) => SQL | undefined
  /**
   * Whether a filter is to be answered by its own index and no other: planners know little of how many rows a search
   * finds, and like to walk through the project instead.
   * @default never
   */
  readonly hasOwnIndex?: (filter: F) => boolean
}

/** Parts what a caller gives in one object: which records, and which page of them. */
export function splitPageOptions<F>({
  limit,
  after,
  offset,
  direction,
  ...filter
}: F & RecordPageOptions): [F, RecordPageOptions] {
  // No filter has a field of these names.
  return [filter as F, { limit, after, offset, direction }]
}

/** Parts what a caller gives in one object: which records, and how to read them. */
export function splitStreamOptions<F>({
  after,
  direction,
  batch,
  signal,
  ...filter
}: F & RecordStreamOptions): [F, RecordStreamOptions] {
  return [filter as F, { after, direction, batch, signal }]
}

/** Lists, counts and streams of records that have a time and an id: the same filter, the same order. */
export class RecordList<F, C extends Columns> {
  readonly #scope: FilterScope
  readonly #options: RecordListOptions<F, C>

  constructor(scope: FilterScope, options: RecordListOptions<F, C>) {
    this.#scope = scope
    this.#options = options
  }

  async page(filter: F, options: RecordPageOptions): Promise<Page<RowOf<C>>> {
    const { name, table, columns, id } = this.#options
    const limit = checkedLimit(options.limit)
    const offset = checkedOffset(options.offset)
    const direction = checkedDirection(options.direction)
    const order = `${name}.time.${direction}`
    const [directed, comparison] = direction === 'desc' ? [desc, sql.raw('<')] : [asc, sql.raw('>')]
    const keys: readonly [Column, Column] = [table.time, columns[id] as Column]
    const condition = and(
      this.#matches(filter),
      options.after === undefined ? undefined : isBeyond(keys, comparison, order, options.after),
    )
    try {
      const query = this.#scope.pool.db
        .select(columns as Record<string, PgColumn>)
        .from(table)
        .where(condition)
        .orderBy(...keys.map((key) => directed(key)))
        .limit(limit + 1)
      const rows = await compileRows(this.#scope.pool, offset > 0 ? query.offset(offset) : query, columns)()
      return pageOf(rows, limit, (last) => {
        const { time, [id]: key } = last as Record<string, string>
        return encodeCursor(order, [time as string, key as string])
      })
    } catch (error) {
      throw storageError(error, `list ${name}`)
    }
  }

  async count(filter: F): Promise<number> {
    const { name, table } = this.#options
    const condition = this.#matches(filter)
    try {
      const [row] = await this.#scope.pool.db.select({ rows: count() }).from(table).where(condition)
      return row?.rows ?? 0
    } catch (error) {
      throw storageError(error, `count ${name}`)
    }
  }

  #matches(filter: F): SQL | undefined {
    const { table, compile, hasOwnIndex } = this.#options
    const { projectId } = table
    // Every index but those of searches begins with the project, and none is found by an expression of it.
    const project = hasOwnIndex?.(filter) ? sql`coalesce(${projectId}, ${projectId})` : projectId
    return and(sql`${project} = ${this.#scope.projectId}`, compile(filter))
  }

  /** Every row, a page at a time. */
  stream(filter: F, { direction, ...options }: RecordStreamOptions): AsyncGenerator<RowOf<C>, void, undefined> {
    return streamPages((limit, after) => this.page(filter, { direction, limit, after }), options)
  }
}

function isBeyond([time, id]: readonly [Column, Column], comparison: SQL, order: string, cursor: string): SQL {
  const [at, key] = decodeCursor(order, cursor, 2)
  const isInstant = typeof at === 'string' && isoFromMicrosOrNone(at) === at
  if (!isInstant || typeof key !== 'string') {
    throw new ValidationError('Invalid page', [{ field: 'after', message: 'is not a cursor that a list returned' }])
  }
  return sql`(${time}, ${id}) ${comparison} (${sql.param(at, time)}, ${key})`
}

// A cursor is a caller's text: whatever is in it must not reach the engine unchecked.
function isoFromMicrosOrNone(iso: string): string | undefined {
  const micros = microsFromIso(iso)
  return isInstantMicros(micros) ? isoFromMicros(micros) : undefined
}

function checkedDirection(direction: Direction = 'desc'): Direction {
  if (direction === 'desc' || direction === 'asc') return direction
  throw new ValidationError('Invalid page', [{ field: 'direction', message: 'must be one of asc, desc' }])
}
