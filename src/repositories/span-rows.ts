import type { SpanRow, Tables } from '../../schema/tables.ts'
import { columnsWithout, internalSpanColumns } from './columns.ts'

/** Columns of a span that may be large. */
const heavyColumns = [
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

/** A span as it is stored. */
export type Span = Omit<SpanRow, (typeof internalSpanColumns)[number]>

/** A span as lists show it: without its content, attributes and resource. */
export type SpanSummary = Omit<Span, (typeof heavyColumns)[number]>

/** A span of a sub-tree. */
export interface SpanNode extends SpanSummary {
  /** Steps below the span that was asked for, which has 0. */
  readonly depth: number
}

/** The columns of a span. */
export const spanColumns = ({ spans }: Tables) => columnsWithout(spans, ...internalSpanColumns)

/** The columns of a span as lists show it. */
export const spanSummaryColumns = ({ spans }: Tables) => columnsWithout(spans, ...internalSpanColumns, ...heavyColumns)
