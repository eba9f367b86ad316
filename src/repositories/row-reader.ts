import { type Column, fillPlaceholders } from 'drizzle-orm'
import type { Read, Reader, StatementOptions } from '../engines/pool.ts'

/** The columns of a row, by the names that it has in the answer. */
export type RowColumns = Readonly<Record<string, Column>>

/** The row that columns make. */
export type RowOf<C extends RowColumns> = { [K in keyof C]: Value<C[K]['_']> }
type Value<C extends { data: unknown; notNull: boolean }> = C['notNull'] extends true ? C['data'] : C['data'] | null

/** A Drizzle query that can be compiled. */
interface Compilable {
  toSQL(): { sql: string; params: unknown[] }
}

/** A compiled query that runs alone, with the values of its placeholders. */
export type Statement<T> = (values?: Record<string, unknown>) => PromiseLike<T[]>

/** A compiled query: what to send, and what the answer means. */
export interface CompiledRead<T> {
  read(values?: Record<string, unknown>): Read
  rows(answer: readonly (readonly unknown[])[]): T[]
}

/**
 * Compiles a query once; each run only fills in placeholders and maps rows. Drizzle's own mapping walks a path for
 * every cell, which takes longer than the rest of a page: this one knows which columns need no reading at all.
 *
 * @param columns what the query selects, in its order
 * @param later names that a row has besides, null until the caller fills them
 */
export function compileRead<C extends RowColumns, L extends string = never>(
  query: Compilable,
  columns: C,
  later: readonly L[] = [],
): CompiledRead<RowOf<C> & Record<L, null>> {
  const { sql, params } = query.toSQL()
  const read = (values = {}) => ({ text: sql, params: fillPlaceholders(params, values) })
  return { read, rows: rowMapper(columns, later) }
}

/** The same, for a query that runs alone. */
export function compileRows<C extends RowColumns>(
  pool: Reader,
  query: Compilable,
  columns: C,
  options?: StatementOptions,
): Statement<RowOf<C>> {
  const compiled = compileRead(query, columns)
  return (values) => runRead(pool, compiled, values, options)
}

/** Runs a compiled query alone. */
export async function runRead<T>(
  pool: Reader,
  { read, rows }: CompiledRead<T>,
  values?: Record<string, unknown>,
  options?: StatementOptions,
): Promise<T[]> {
  const { text, params } = read(values)
  return rows(await pool.rows(text, params, options))
}

/** Turns a driver's arrays into rows. */
function rowMapper<C extends RowColumns, L extends string>(
  columns: C,
  later: readonly L[],
): (rows: readonly (readonly unknown[])[]) => (RowOf<C> & Record<L, null>)[] {
  const names = Object.keys(columns)
  const readers = Object.values(columns).map((column) =>
    isPlain(column) ? undefined : (value: unknown) => column.mapFromDriverValue(value),
  )
  // A row is a copy of this one, filled: an object that grows property by property takes more than twice as long.
  const empty: Record<string, unknown> = Object.fromEntries([...names, ...later].map((name) => [name, null]))
  return (rows) =>
    rows.map((values) => {
      const row = { ...empty }
      for (let i = 0; i < names.length; i += 1) {
        const value = values[i]
        if (value === null) continue
        const read = readers[i]
        row[names[i] as string] = read === undefined ? value : read(value)
      }
      return row as RowOf<C> & Record<L, null>
    })
}

const plainTypes = new Set(['SQLiteText', 'SQLiteInteger', 'SQLiteReal', 'PgInteger', 'PgDoublePrecision'])
const plainCustomTypes = new Set(['text COLLATE "C"', 'jsonb', 'String', 'Int64', "DateTime64(6, 'UTC')"])

/** Whether the driver's value is the row's. */
const isPlain = (column: Column) => plainTypes.has(column.columnType) || plainCustomTypes.has(column.getSQLType())
