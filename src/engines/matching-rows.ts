import { and, type Column, eq, exists, not, type SQL, sql } from 'drizzle-orm'
import type { Dialect } from './dialect.ts'

const one = sql`1`

/** Rows with a match, as engines spell it that look them up one by one, by an index. */
export const byLookup: Pick<Dialect, 'hasMatch' | 'isLast'> = {
  hasMatch: (column, other, select) => exists(select(one, eq(other, column))),
  isLast(group, order, other, select) {
    const isLater = sql`${tuple(other.order)} > ${tuple(order)}`
    return not(exists(select(one, and(eq(other.group, group), isLater))))
  },
}

const tuple = (columns: readonly Column[]): SQL =>
  sql`(${sql.join(
    columns.map((column) => sql`${column}`),
    sql`, `,
  )})`
