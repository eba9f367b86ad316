import type { Column, SQL } from 'drizzle-orm'
import type { Fields } from '../filters/match.ts'
import type { Direction } from '../order.ts'
import type { ReadScope } from '../read-scope.ts'

/** What a condition of an entity's own is compiled with. */
export interface ConditionContext {
  readonly scope: ReadScope
  /** A column of the filtered table, which the query may name by an alias. */
  column(name: string): Column
  /** A row of another entity matches a filter, and has in `theirs` what this row has in `column`. */
  related(entity: 'traces' | 'spans', column: Column, theirs: 'traceId', wanted: unknown, field: string): SQL
  /** What the conditions beside this one ask for. */
  others(): SQL | undefined
  /** Says that an index of its own answers the condition, and no index of the table should be tried. */
  useOwnIndex(): void
}

/** A condition that is more than a comparison of one column, as SQL. */
export type OwnCondition = (context: ConditionContext, wanted: unknown, field: string) => SQL | undefined

/** What an entity can be filtered and ordered by. */
export interface Entity<O extends string = string> {
  /** The column that `since` and `until` are about. */
  readonly time?: string
  /** The columns to filter by. */
  readonly fields: Fields
  /** Conditions beside those on columns, by their names in a filter. */
  readonly conditions?: Readonly<Record<string, OwnCondition>>
  /** The primary key without the project, in its order. */
  readonly keys: readonly string[]
  /** What lists can be ordered by, and the column that it means; the first is the default. */
  readonly orders: Readonly<Record<O, string>>
  /** Which end comes first unless a caller says so. @default 'desc' */
  readonly direction?: Direction
}
