import type { ResultRow, Tables } from '../../schema/tables.ts'
import { columnsWithout, type InternalColumn, internalColumns } from './columns.ts'

const heavyColumns = ['evaluations', 'assertions', 'attributes', 'attributeTypes'] as const

/** A result as it is stored. */
export type Result = Omit<ResultRow, InternalColumn | 'document'>

/** A result as lists show it: without evaluations, assertions and attributes. */
export type ResultSummary = Omit<Result, (typeof heavyColumns)[number]>

/** The columns of a result. */
export const resultColumns = ({ results }: Tables) => columnsWithout(results, ...internalColumns, 'document')

/** The columns of a result as lists show it. */
export const resultSummaryColumns = ({ results }: Tables) =>
  columnsWithout(results, ...internalColumns, 'document', ...heavyColumns)
