import { getTableColumns, type Table } from 'drizzle-orm'
import type { Tables } from '../../schema/tables.ts'

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

/** Columns of a trace that may be large, and the author's words that the visible columns show already. */
export const heavyTraceColumns = ['authored', 'document', 'resource', 'input', 'output'] as const

/** Columns of a span that may be large. */
export const heavySpanColumns = [
  'input',
  'output',
  'contentKeys',
  'attributes',
  'attributeTypes',
  'resource',
  'scope',
  'links',
  'dropped',
] as const

/** The columns of a trace as lists show it. */
export const traceSummaryColumns = ({ traces }: Tables) =>
  columnsWithout(traces, ...internalColumns, ...heavyTraceColumns)

/** The columns of a span as lists show it. */
export const spanSummaryColumns = ({ spans }: Tables) => columnsWithout(spans, ...internalColumns, ...heavySpanColumns)
