import { and, type Column, count, eq, getTableColumns, type SQL, type Subquery, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { storageError } from '../driver-errors/storage-error.ts'
import { type EntityName, entities, type FilterOf, type OrderOf } from './entities/entities.ts'
import { compileFilter } from './filters/compile.ts'
import { checkedOrder, Order, type OrderOptions, type OrderTerm, termOf } from './order.ts'
import {
  checkedLimit,
  checkedOffset,
  type Page,
  type PageOptions,
  pageOf,
  type StreamOptions,
  streamPages,
} from './page.ts'
import type { ReadScope } from './read-scope.ts'
import { compileRows, type RowOf, type Statement } from './row-reader.ts'

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

/** Lists, counts and streams of one entity: the same filter, the same orders, the same columns. */
export class EntityList<E extends EntityName, C extends Columns> {
  readonly #scope: ReadScope
  readonly #options: EntityListOptions<E, C>
  /** The pages without a filter, in the default order: compiled once for each size. */
  readonly #hot = new Map<string, Statement<RowOf<C>>>()
  readonly #orders = new Map<string, Order>()

  constructor(scope: ReadScope, options: EntityListOptions<E, C>) {
    this.#scope = scope
    this.#options = options
  }

  async page(filter: FilterOf[E], options: PageOptions<OrderOf[E]>): Promise<Page<RowOf<C>>> {
    const limit = checkedLimit(options.limit)
    const offset = checkedOffset(options.offset)
    const { order, isDefault } = this.#order(options)
    const compiled = compileFilter(this.#scope, this.#options.entity, filter, this.#table)
    const isHot = compiled.condition === undefined && offset === 0 && isDefault
    try {
      const rows = isHot
        ? await this.#hotPage(order, options.after, limit)
        : await this.#read([compiled.where, order.after(options.after)], order, limit, offset)()
      return pageOf(rows, limit, (last) => order.cursor(last))
    } catch (error) {
      throw storageError(error, `list ${this.#options.entity}`)
    }
  }

  async count(filter: FilterOf[E]): Promise<number> {
    const { entity } = this.#options
    const { where } = compileFilter(this.#scope, entity, filter, this.#table)
    try {
      const [row] = await this.#scope.pool.db.select({ rows: count() }).from(this.#source).where(where)
      return row?.rows ?? 0
    } catch (error) {
      throw storageError(error, `count ${entity}`)
    }
  }

  /** Every row, a page at a time. */
  stream(filter: FilterOf[E], options: StreamOptions<OrderOf[E]>): AsyncGenerator<RowOf<C>, void, undefined> {
    const { batch, signal, after, ...order } = options
    return streamPages((limit, cursor) => this.page(filter, { ...order, limit, after: cursor }), {
      after,
      batch,
      signal,
    })
  }

  #order(options: OrderOptions<OrderOf[E]>): { order: Order; isDefault: boolean } {
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
    return { order, isDefault: orderBy === known[0] && direction === usual }
  }

  #hotPage(order: Order, after: string | undefined, limit: number): PromiseLike<RowOf<C>[]> {
    const name = `${after === undefined ? 'first' : 'next'} ${limit}`
    let statement = this.#hot.get(name)
    if (!statement) {
      const beyond = after === undefined ? order.after(undefined) : order.afterPlaceholders()
      const inProject = eq(this.#table.projectId, sql.placeholder('project'))
      statement = this.#read([inProject, beyond], order, limit, 0)
      this.#hot.set(name, statement)
    }
    return statement({ ...(after !== undefined && order.values(after)), project: this.#scope.projectId })
  }

  #read(conditions: (SQL | undefined)[], order: Order, limit: number, offset: number): Statement<RowOf<C>> {
    const { columns } = this.#options
    // Limits are written out: with a parameter there the server cannot keep one plan for all calls.
    const query = this.#scope.pool.db
      .select(columns as Record<string, PgColumn>)
      .from(this.#source)
      .where(and(...conditions))
      .orderBy(...order.terms)
      .limit(sql.raw(String(limit + 1)) as unknown as number)
    return compileRows(this.#scope.pool, offset > 0 ? query.offset(offset) : query, columns)
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
