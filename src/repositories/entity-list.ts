import { and, type Column, count, eq, getTableColumns, type SQL, type Subquery, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { ReadOptions } from '../engines/pool.ts'
import { type EntityName, entities, type FilterOf, type OrderOf } from './entities/entities.ts'
import { compileFilter } from './filters/compile.ts'
import { checkedInstant } from './filters/values.ts'
import { checkedOrder, type Direction, Order, type OrderOptions, type OrderTerm, termOf } from './order.ts'
import {
  checkedLimit,
  checkedOffset,
  type Page,
  type PageOptions,
  pageOf,
  type StreamOptions,
  streamPages,
} from './page.ts'
import { readError, splitReadOptions } from './read-options.ts'
import type { ReadScope } from './read-scope.ts'
import { type CompiledRead, compileRead, type RowOf, runRead } from './row-reader.ts'

type Columns = Readonly<Record<string, PgColumn>>
type TableOf<E extends EntityName> = ReadScope['pool']['tables'][E]

/** What a list reads. */
export interface EntityListOptions<E extends EntityName, C extends Columns> {
  readonly entity: E
  /** The columns of an item; those of the orders and of the key are among them. */
  readonly columns: C
  /**
   * Where the rows are read from, under an alias of the table, where that is not the table itself.
   * @default the table
   */
  readonly source?: { readonly from: Subquery; readonly table: TableOf<E> }
}

/** What a page in the order of time is read by from an index, and no more than the page. */
const ofIndex: ReadonlySet<string> = new Set(['since', 'until', 'traceId'])

/** Lists, counts and streams of one entity: the same filter, the same orders, the same columns. */
export class EntityList<E extends EntityName, C extends Columns> {
  readonly #within: (options: ReadOptions) => ReadScope
  /** Without limits: what is compiled does not depend on them. */
  readonly #scope: ReadScope
  readonly #options: EntityListOptions<E, C>
  /** The pages without a filter, in the default order: compiled once for each size. */
  readonly #hot = new Map<string, CompiledRead<RowOf<C>>>()
  readonly #orders = new Map<string, Order>()

  /** @param within what is read, for a read that ends as its options say */
  constructor(within: (options: ReadOptions) => ReadScope, options: EntityListOptions<E, C>) {
    this.#within = within
    this.#scope = within({})
    this.#options = options
  }

  async page(filter: FilterOf[E], options: PageOptions<OrderOf[E]>): Promise<Page<RowOf<C>>> {
    const limit = checkedLimit(options.limit)
    const offset = checkedOffset(options.offset)
    const { order, isDefault, direction } = this.#order(options)
    const compiled = compileFilter(this.#scope, this.#options.entity, filter, this.#table)
    const isInOrder = offset === 0 && isDefault
    const isHot = compiled.condition === undefined && isInOrder
    const where = isInOrder && options.after !== undefined ? this.#whereAfter(filter, direction) : compiled.where
    const isLong = !(isInOrder && Object.keys(filter).every((name) => ofIndex.has(name)))
    const { pool } = this.#within(options)
    try {
      const rows = isHot
        ? await this.#hotPage(pool, order, options.after, limit)
        : await runRead(pool, this.#compile([where, order.after(options.after)], order, limit, offset), {}, { isLong })
      return pageOf(rows, limit, (last) => order.cursor(last))
    } catch (error) {
      throw readError(error, `list ${this.#options.entity}`, options.signal)
    }
  }

  /**
   * The predicate of a page that a cursor begins. The bound of time on the side of the cursor is checked and not looked
   * up: SQLite looks up one of the two, and would read all rows before the cursor by the wider one.
   */
  #whereAfter(filter: FilterOf[E], direction: Direction): SQL | undefined {
    const { entity } = this.#options
    const { time } = entities[entity]
    const name = direction === 'desc' ? 'until' : 'since'
    const { [name]: bound, ...rest }: Record<string, unknown> = { ...filter }
    const { where } = compileFilter(this.#scope, entity, rest as FilterOf[E], this.#table)
    if (time === undefined || bound === undefined) return where
    const columns: Readonly<Record<string, Column>> = getTableColumns(this.#table as unknown as PgTable)
    const column = columns[time] as Column
    const checked = this.#scope.pool.dialect.sortedAfterReading(column)
    const instant = sql.param(checkedInstant(bound, name), column)
    return and(where, direction === 'desc' ? sql`${checked} < ${instant}` : sql`${checked} >= ${instant}`)
  }

  async count(options: FilterOf[E] & ReadOptions): Promise<number> {
    const { entity } = this.#options
    const [filter, limits] = splitReadOptions<FilterOf[E]>(options)
    const { where } = compileFilter(this.#scope, entity, filter, this.#table)
    try {
      const [row] = await this.#within(limits).pool.db.select({ rows: count() }).from(this.#source).where(where)
      return row?.rows ?? 0
    } catch (error) {
      throw readError(error, `count ${entity}`, limits.signal)
    }
  }

  /** Every row, a page at a time. */
  stream(filter: FilterOf[E], options: StreamOptions<OrderOf[E]>): AsyncGenerator<RowOf<C>, void, undefined> {
    const { batch, after, ...order } = options
    return streamPages((limit, cursor) => this.page(filter, { ...order, limit, after: cursor }), {
      after,
      batch,
      signal: options.signal,
    })
  }

  #order(options: OrderOptions<OrderOf[E]>): { order: Order; isDefault: boolean; direction: Direction } {
    const { entity } = this.#options
    const { orders, keys, fields, direction: usual = 'desc' } = entities[entity]
    const known = Object.keys(orders) as OrderOf[E][]
    const { orderBy, direction } = checkedOrder(known, options, usual)
    const name = `${entity}.${orderBy}.${direction}`
    let order = this.#orders.get(name)
    if (!order) {
      const columns: Readonly<Record<string, Column>> = getTableColumns(this.#table as unknown as PgTable)
      const names = [...new Set([(orders as Record<string, string>)[orderBy] as string, ...keys])]
      const terms = names.map((name) => termOf(name, columns[name] as Column, fields[name]))
      order = new Order({ name, terms: terms as [OrderTerm, ...OrderTerm[]], direction })
      this.#orders.set(name, order)
    }
    return { order, isDefault: orderBy === known[0] && direction === usual, direction }
  }

  #hotPage(pool: ReadScope['pool'], order: Order, after: string | undefined, limit: number): Promise<RowOf<C>[]> {
    const name = `${after === undefined ? 'first' : 'next'} ${limit}`
    let compiled = this.#hot.get(name)
    if (!compiled) {
      const beyond = after === undefined ? order.after(undefined) : order.afterPlaceholders()
      const inProject = eq(this.#table.projectId, sql.placeholder('project'))
      compiled = this.#compile([inProject, beyond], order, limit, 0)
      this.#hot.set(name, compiled)
    }
    return runRead(pool, compiled, { ...(after !== undefined && order.values(after)), project: this.#scope.projectId })
  }

  #compile(conditions: (SQL | undefined)[], order: Order, limit: number, offset: number): CompiledRead<RowOf<C>> {
    const { columns } = this.#options
    // Limits are written out: with a parameter there the server cannot keep one plan for all calls.
    const query = this.#scope.pool.db
      .select(columns as Record<string, PgColumn>)
      .from(this.#source)
      .where(and(...conditions))
      .orderBy(...order.terms)
      .limit(sql.raw(String(limit + 1)) as unknown as number)
    return compileRead(offset > 0 ? query.offset(offset) : query, columns)
  }

  get #table() {
    const { entity, source } = this.#options
    // All tables have a project; Drizzle's builder takes no type that may be any of them.
    return (source?.table ?? this.#scope.pool.tables[entity]) as TableOf<E> & { readonly projectId: PgColumn }
  }

  get #source(): PgTable | Subquery {
    return this.#options.source?.from ?? (this.#table as unknown as PgTable)
  }
}
