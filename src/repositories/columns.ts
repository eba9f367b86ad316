import { getTableColumns, type Table } from 'drizzle-orm'

/**
 * A table's columns without some of them: what a light list reads. Heavy columns are not left out of the answer after
 * reading, but never read.
 */
export function columnsWithout<T extends Table, K extends keyof T['_']['columns']>(table: T, ...heavy: readonly K[]) {
  const columns: T['_']['columns'] = { ...getTableColumns(table) }
  for (const key of heavy) delete columns[key]
  return columns as Omit<T['_']['columns'], K>
}

/** Columns that no reader is shown: the store knows its project, and `follow` has its own order. */
export const internalColumns = ['projectId', 'commitSeq'] as const

/** A column that no reader is shown. */
export type InternalColumn = (typeof internalColumns)[number]

/** Columns of a trace that are the writers' own. The visible columns show the author's words already. */
export const internalTraceColumns = [...internalColumns, 'authored', 'authoredStamps', 'document', 'derived'] as const

/** Columns of a log record that are the writers' own. */
export const internalLogColumns = [...internalColumns, 'rowNumber', 'searchText'] as const

/** Columns of a span that are the writers' own. */
export const internalSpanColumns = [...internalColumns, 'usageBelow'] as const
