import { and, type Column, count, eq, type SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { storageError } from '../driver-errors/storage-error.ts'
import { Order } from './order.ts'
import {
  checkedLimit,
  checkedOffset,
  type Page,
  type PageOptions,
  pageOf,
  type StreamOptions,
  streamPages,
} from './page.ts'
import { compileFilter, type FilterOf, type FilterScope } from './predicates/compile.ts'
import type { Filtered } from './predicates/fields.ts'
import { compileRows, type RowOf, type Statement } from './row-reader.ts'

type Columns = Readonly<Record<string, PgColumn>>

/** What a list reads. */
export interface TableListOptions<E extends Filtered, C extends Columns> {
  readonly entity: E
  /** The columns of an item; the order's and the key's are among them. */
  readonly columns: C
  /** The primary key without the project, in its order. */
  readonly keys: Readonly<Record<string, Column>>
}

/** Lists, counts and streams of one table: the same filter, the same order, the same columns. */
export class TableList<E extends Filtered, C extends Columns> {
  readonly #scope: FilterScope
  readonly #options: TableListOptions<E, C>
  /** The pages without a filter, newest first: compiled once for each size. */
  readonly #hot = new Map<string, Statement<RowOf<C>>>()

  constructor(scope: FilterScope, options: TableListOptions<E, C>) {
    this.#scope = scope
    this.#options = options
  }

  async page(filter: FilterOf[E], options: PageOptions): Promise<Page<RowOf<C>>> {
    const { entity, keys } = this.#options
    const limit = checkedLimit(options.limit)
    const offset = checkedOffset(options.offset)
    const order = new Order(this.#table, keys, options)
    const condition = compileFilter(this.#scope, entity, filter)
    const isHot = condition === undefined && offset === 0 && order.name === 'time.desc'
    try {
      const rows = isHot
        ? await this.#hotPage(order, options.after, limit)
        : await this.#read([condition, order.after(options.after)], order, limit, offset)({})
      return pageOf(rows, limit, (last) => order.cursor(last))
    } catch (error) {
      throw storageError(error, `list ${entity}`)
    }
  }

  async count(filter: FilterOf[E]): Promise<number> {
    const { entity } = this.#options
    const condition = compileFilter(this.#scope, entity, filter)
    try {
      const [row] = await this.#scope.pool.db
        .select({ rows: count() })
        .from(this.#table)
        .where(and(eq(this.#table.projectId, this.#scope.projectId), condition))
      return row?.rows ?? 0
    } catch (error) {
      throw storageError(error, `count ${entity}`)
    }
  }

  /** Every row, a page at a time. */
  stream(filter: FilterOf[E], options: StreamOptions): AsyncGenerator<RowOf<C>, void, undefined> {
    const { batch, signal, after, ...order } = options
    return streamPages((limit, cursor) => this.page(filter, { ...order, limit, after: cursor }), {
      after,
      batch,
      signal,
    })
  }

  #hotPage(order: Order, after: string | undefined, limit: number): PromiseLike<RowOf<C>[]> {
    const values: Record<string, unknown> = { project: this.#scope.projectId }
    if (after !== undefined) {
      const [value, ...rest] = order.values(after)
      values.value = value
      Object.keys(this.#options.keys).forEach((name, i) => {
        values[name] = rest[i]
      })
    }
    const name = `${after === undefined ? 'first' : 'next'} ${limit}`
    let statement = this.#hot.get(name)
    if (!statement) {
      statement = this.#read(
        [after === undefined ? order.after(undefined) : order.afterPlaceholders()],
        order,
        limit,
        0,
      )
      this.#hot.set(name, statement)
    }
    return statement(values)
  }

  #read(conditions: (SQL | undefined)[], order: Order, limit: number, offset: number): Statement<RowOf<C>> {
    const { columns } = this.#options
    // Limits are written out: with a parameter there the server cannot keep one plan for all calls.
    const query = this.#scope.pool.db
      .select(columns as Record<string, PgColumn>)
      .from(this.#table)
      .where(and(eq(this.#table.projectId, sql.placeholder('project')), ...conditions))
      .orderBy(...order.terms)
      .limit(sql.raw(String(limit + 1)) as unknown as number)
    const statement = compileRows(this.#scope.pool, offset > 0 ? query.offset(offset) : query, columns)
    return (values) => statement({ project: this.#scope.projectId, ...values })
  }

  get #table() {
    // Both tables have the columns that lists need; Drizzle's builder takes no type that may be either.
    return this.#scope.pool.tables[this.#options.entity] as unknown as PgTable & FilterScope['pool']['tables']['traces']
  }
}
