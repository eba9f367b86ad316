import { type Column, type SQL, sql } from 'drizzle-orm'
import type { BucketUnit, Dialect } from '../../engines/dialect.ts'
import type { GroupedBy } from './dimensions.ts'

/** A table as far as grouping needs it. */
type Grouped = Readonly<Record<string, Column | SQL>> & { readonly startTime: Column }

/** A group as it is measured: names and bucket in `key`. */
export interface Measured<M> {
  readonly key: Readonly<Record<string, string | null>>
  readonly measures: M
}

/** What a bucket is called in a query and in its answer. No table has a column of this name. */
const bucketName = 'bucket'

/** The keys to group a table's rows by. */
export type KeysOf = (table: Grouped) => GroupKeys

/** What rows are grouped by: the expression of each name, and of the bucket. */
export class GroupKeys {
  readonly #expressions: Readonly<Record<string, SQL>>
  readonly #startTime: Column
  /** The columns that the names mean. */
  readonly columns: readonly string[]

  /**
   * @param names the names and what they mean
   * @param movedByMicros added to every time before its bucket is taken
   */
  constructor(
    dialect: Dialect,
    table: Grouped,
    names: readonly (readonly [string, GroupedBy])[],
    bucket: BucketUnit | undefined,
    movedByMicros: number,
  ) {
    this.#startTime = table.startTime
    this.columns = names.map(([, { column }]) => column)
    this.#expressions = {
      ...Object.fromEntries(names.map(([name, by]) => [name, grouped(dialect, table, by)])),
      ...(bucket && { [bucketName]: dialect.bucket(bucket, table.startTime, movedByMicros) }),
    }
  }

  /** The terms of PARTITION BY. */
  get terms(): SQL[] {
    return Object.values(this.#expressions)
  }

  /**
   * The terms of GROUP BY. The bucket goes by its name: it may have a parameter, and Postgres takes $1 here and $2 in
   * SELECT for different things.
   */
  get groups(): SQL[] {
    return Object.entries(this.#expressions).map(([name, value]) =>
      name === bucketName ? sql`${sql.identifier(name)}` : value,
    )
  }

  /** The fields of SELECT. */
  get fields(): Record<string, SQL | SQL.Aliased> {
    const { [bucketName]: bucket, ...names } = this.#read(this.#expressions)
    return { ...names, ...(bucket && { [bucketName]: bucket.as(bucketName) }) }
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
        name === bucketName ? sql`${value}`.mapWith(this.#startTime) : value,
      ]),
    )
  }
}

function grouped(dialect: Dialect, table: Grouped, { column, key }: GroupedBy): SQL {
  const found = table[column]
  return key === undefined || !found ? sql`${found}` : dialect.jsonText(found, key)
}

/** Expressions with names, as a query around theirs needs them. */
export const named = (expressions: Readonly<Record<string, SQL>>): Record<string, SQL.Aliased> =>
  Object.fromEntries(Object.entries(expressions).map(([name, value]) => [name, value.as(name)]))

/** A named expression of an inner query. */
export const partOf = (inner: string, name: string): SQL => sql`${sql.identifier(inner)}.${sql.identifier(name)}`
