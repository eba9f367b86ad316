import { type Column, type SQL, sql } from 'drizzle-orm'
import type { BucketUnit, Dialect } from '../../dialects/dialect.ts'
import type { Measured } from './groups.ts'

/** A table as far as grouping needs it. */
type Grouped = Readonly<Record<string, Column>> & { readonly startTime: Column }

/** What rows are grouped by: the expression of each name, and of the bucket. */
export class GroupKeys {
  readonly #expressions: Readonly<Record<string, SQL>>
  readonly #startTime: Column

  /**
   * @param names the names and the columns that they mean
   * @param movedByMicros added to every time before its bucket is taken
   */
  constructor(
    dialect: Dialect,
    table: Grouped,
    names: readonly (readonly [string, string])[],
    bucket: BucketUnit | undefined,
    movedByMicros: number,
  ) {
    this.#startTime = table.startTime
    this.#expressions = {
      ...Object.fromEntries(names.map(([name, column]) => [name, sql`${table[column]}`])),
      ...(bucket && { bucket: dialect.bucket(bucket, table.startTime, movedByMicros) }),
    }
  }

  /** The terms of GROUP BY, which have no parameters: Postgres takes $1 here and $2 in SELECT for different things. */
  get terms(): SQL[] {
    return Object.values(this.#expressions)
  }

  /** The fields of SELECT. */
  get fields(): Record<string, SQL> {
    return this.#read(this.#expressions)
  }

  /** The same keys, named, for a query around this one. */
  get named(): Record<string, SQL.Aliased> {
    return named(this.#expressions)
  }

  /** The keys as a query around this one sees them, under the name of the inner query. */
  within(inner: string): { fields: Record<string, SQL>; terms: SQL[] } {
    const parts = Object.fromEntries(Object.keys(this.#expressions).map((name) => [name, partOf(inner, name)]))
    return { fields: this.#read(parts), terms: Object.values(parts) }
  }

  /** The keys of a row. */
  of(row: Readonly<Record<string, unknown>>): Measured<unknown>['key'] {
    return Object.fromEntries(
      Object.keys(this.#expressions).map((name) => [name, (row[name] ?? null) as string | null]),
    )
  }

  #read(expressions: Readonly<Record<string, SQL>>): Record<string, SQL> {
    return Object.fromEntries(
      Object.entries(expressions).map(([name, value]) => [
        name,
        name === 'bucket' ? sql`${value}`.mapWith(this.#startTime) : value,
      ]),
    )
  }
}

/** Expressions with names, as a query around theirs needs them. */
export const named = (expressions: Readonly<Record<string, SQL>>): Record<string, SQL.Aliased> =>
  Object.fromEntries(Object.entries(expressions).map(([name, value]) => [name, value.as(name)]))

/** A named expression of an inner query. */
export const partOf = (inner: string, name: string): SQL => sql`${sql.identifier(inner)}.${sql.identifier(name)}`
