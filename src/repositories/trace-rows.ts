import type { EventRow, Tables, TraceRow } from '../../schema/tables.ts'
import { columnsWithout, type InternalColumn, internalColumns, internalTraceColumns } from './columns.ts'
import type { Span } from './span-rows.ts'

/** Columns of a trace that may be large. */
const heavyColumns = ['resource', 'input', 'output'] as const

type InternalTraceColumn = (typeof internalTraceColumns)[number]

/** An event of a span. */
export type SpanEvent = Omit<EventRow, InternalColumn | 'traceId' | 'spanId'>

/** A span with its events, in order. */
export interface SpanWithEvents extends Span {
  readonly events: SpanEvent[]
}

/** A trace as it is stored, without its spans. */
export type TraceAlone = Omit<TraceRow, InternalTraceColumn>

/** A trace with its spans, in order of start. */
export interface Trace extends TraceAlone {
  readonly spans: SpanWithEvents[]
}

/** A trace as lists show it: without its content and its spans. */
export type TraceSummary = Omit<TraceRow, InternalTraceColumn | (typeof heavyColumns)[number]>

/** The columns of a trace. */
export const traceColumns = ({ traces }: Tables) => columnsWithout(traces, ...internalTraceColumns)

/** The columns of a trace as lists show it. */
export const traceSummaryColumns = ({ traces }: Tables) =>
  columnsWithout(traces, ...internalTraceColumns, ...heavyColumns)

/** The columns of an event in its span. */
export const eventColumns = ({ events }: Tables) => columnsWithout(events, ...internalColumns, 'traceId')
