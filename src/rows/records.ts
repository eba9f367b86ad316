import type { EventRow, LogRow, MetricPointRow, MetricRow, ResultRow, SpanRow, TraceRow } from '../../schema/tables.ts'
import type { derivedColumns, summedColumns } from '../../schema/traces.ts'
import type { shareColumns } from './accepted-row.ts'
import type { Micros } from './micros.ts'

/** An instant as callers may give it: ISO-8601 in UTC with up to nine fractional digits (floored to six), or a Date. */
export type Instant = string | Date

/** An instant as writers take it: as callers give it, or as a format has read it. */
export type AnyInstant = Instant | Micros

type Given<Row> = { [K in keyof Row as null extends Row[K] ? K : never]?: Row[K] | undefined }

type AuthoredColumn = (typeof derivedColumns)[number] | (typeof summedColumns)[number]
type TraceContent = 'tags' | 'metadata' | 'resource' | 'input' | 'output'
type Times = 'startTime' | 'endTime'

/**
 * A trace as its author saves it. Everything but the id is optional: what is left out stays as it was said before, and
 * null takes it back. What nobody says is derived from the trace's spans. A run that is saved replaces all of it.
 */
export interface NewTrace<Time = Instant>
  extends Partial<{ [K in Exclude<AuthoredColumn, Times>]: TraceRow[K] | null | undefined }>,
    Partial<{ [K in TraceContent]: TraceRow[K] | undefined }> {
  traceId: string
  startTime?: Time | null | undefined
  endTime?: Time | null | undefined
  /** When the trace was saved first, where that was elsewhere. @default the time of writing */
  createdAt?: Time | null | undefined
  /** The document that it was saved as, in the form of the column. */
  document?: string | null | undefined
}

/** A span as callers write it. Saving a span again replaces it whole. */
export interface NewSpan<Time = Instant>
  extends Omit<Given<SpanRow>, 'endTime' | (typeof shareColumns)[number] | 'usageBelow'> {
  traceId: string
  spanId: string
  name: string
  startTime: Time
  endTime?: Time | null | undefined
  /** @default 'other' */
  kind?: SpanRow['kind'] | undefined
  /** @default 'unset' */
  status?: SpanRow['status'] | undefined
  /** @default {} */
  attributes?: SpanRow['attributes'] | undefined
}

/** An event of a span as callers write it. */
export interface NewEvent<Time = Instant> extends Given<EventRow> {
  traceId: string
  spanId: string
  /** The event's index in its span, from 0. */
  ordinal: number
  name: string
  time: Time
  /** @default {} */
  attributes?: EventRow['attributes'] | undefined
}

/** A test's result or an evaluation as callers write it. */
export interface NewResult<Time = Instant> extends Given<ResultRow> {
  /** @default an id of its own (UUID version 7), so that two calls store two results */
  resultId?: string | undefined
  name: string
  /** @default 'test' */
  kind?: ResultRow['kind'] | undefined
  /** @default the time of saving */
  time?: Time | undefined
}

/** What a metric means, as callers write it. Its points may be written before, or without it. */
export interface NewMetric extends Given<MetricRow> {
  name: string
  /** @default 'gauge' */
  type?: MetricRow['type'] | undefined
  /** Which description of the name this is, where it has several. @default '' */
  descriptionId?: string | undefined
}

/** A measurement as callers write it. */
export interface NewMetricPoint<Time = Instant> extends Omit<Given<MetricPointRow>, 'startTime'> {
  /** @default an id of its own (UUID version 7), so that two calls store two points, and a retry of one stores one */
  pointId?: string | undefined
  metricName: string
  /** @default 'gauge' */
  type?: MetricPointRow['type'] | undefined
  /** @default the time of saving */
  time?: Time | undefined
  startTime?: Time | null | undefined
  /** @default {} */
  attributes?: MetricPointRow['attributes'] | undefined
}

/** A log record as callers write it. */
export interface NewLog<Time = Instant> extends Omit<Given<LogRow>, 'observedTime' | 'bodyText' | 'searchText'> {
  /** @default an id of its own (UUID version 7), so that two calls store two records */
  logId?: string | undefined
  /** @default the time of saving */
  time?: Time | undefined
  observedTime?: Time | null | undefined
  /** @default {} */
  attributes?: LogRow['attributes'] | undefined
}

/** A trace that a format has read. */
export type TraceRecord = NewTrace<AnyInstant>
/** A span that a format has read. */
export type SpanRecord = NewSpan<AnyInstant>
/** An event of a span that a format has read. */
export type EventRecord = NewEvent<AnyInstant>
/** A result that a format has read. */
export type ResultRecord = NewResult<AnyInstant>
/** A measurement that a format has read. */
export type MetricPointRecord = NewMetricPoint<AnyInstant>
/** A log record that a format has read. */
export type LogRecord = NewLog<AnyInstant>

/** Records of every kind, as one document holds them. */
export interface Records {
  traces: TraceRecord[]
  spans: SpanRecord[]
  events: EventRecord[]
  results: ResultRecord[]
  metrics: NewMetric[]
  metricPoints: MetricPointRecord[]
  logs: LogRecord[]
}

/** A run that is saved whole: its trace and all of its spans. */
export interface NewRun<Time = Instant> {
  readonly trace: NewTrace<Time>
  readonly spans: readonly NewSpan<Time>[]
}

/** A run that a format has read. */
export type RunRecord = NewRun<AnyInstant>
