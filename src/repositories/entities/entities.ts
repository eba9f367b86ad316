import type { Entity } from './entity.ts'
import { type EventFilter, eventEntity } from './events.ts'
import { type LogFilter, type LogOrder, logEntity } from './logs.ts'
import {
  type MetricFilter,
  type MetricOrder,
  metricEntity,
  type PointFilter,
  type PointOrder,
  pointEntity,
} from './metrics.ts'
import { type ResultFilter, type ResultOrder, resultEntity } from './results.ts'
import {
  type SpanFilter,
  type SpanOrder,
  spanEntity,
  type TraceFilter,
  type TraceOrder,
  traceEntity,
} from './traces-and-spans.ts'

/** The filter of each table. */
export interface FilterOf {
  traces: TraceFilter
  spans: SpanFilter
  events: EventFilter
  results: ResultFilter
  metrics: MetricFilter
  metricPoints: PointFilter
  logs: LogFilter
}

/** What each table can be ordered by. */
export interface OrderOf {
  traces: TraceOrder
  spans: SpanOrder
  events: 'time'
  results: ResultOrder
  metrics: MetricOrder
  metricPoints: PointOrder
  logs: LogOrder
}

/** A table that can be filtered. */
export type EntityName = keyof FilterOf

/** What each table can be filtered and ordered by. */
export const entities: { readonly [E in EntityName]: Entity<OrderOf[E]> } = {
  traces: traceEntity,
  spans: spanEntity,
  events: eventEntity,
  results: resultEntity,
  metrics: metricEntity,
  metricPoints: pointEntity,
  logs: logEntity,
}
