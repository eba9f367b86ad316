import { defineEvents } from './events.ts'
import type { Kit } from './kit/postgres.ts'
import { defineLogs } from './logs.ts'
import { defineMetricPoints, defineMetrics } from './metrics.ts'
import type { definePendingUsage } from './pending-usage.ts'
import { defineResults } from './results.ts'
import { defineSpans } from './spans.ts'
import { defineTraces } from './traces.ts'

/** Every table, written once; an engine's entry file applies its kit. */
export const defineTables = (k: Kit) => ({
  traces: defineTraces(k),
  spans: defineSpans(k),
  events: defineEvents(k),
  results: defineResults(k),
  metrics: defineMetrics(k),
  metricPoints: defineMetricPoints(k),
  logs: defineLogs(k),
})

/** The tables as repositories see them on every engine. */
export type Tables = ReturnType<typeof defineTables>

/** The writers' own table of usage that waits for parents, in the engines that have it. */
export type PendingUsageTable = ReturnType<typeof definePendingUsage>

/** A stored trace, as read. */
export type TraceRow = Tables['traces']['$inferSelect']
/** A stored span, as read. */
export type SpanRow = Tables['spans']['$inferSelect']
/** A stored event of a span, as read. */
export type EventRow = Tables['events']['$inferSelect']
/** A stored result, as read. */
export type ResultRow = Tables['results']['$inferSelect']
/** A stored definition of a metric, as read. */
export type MetricRow = Tables['metrics']['$inferSelect']
/** A stored point of a metric, as read. */
export type MetricPointRow = Tables['metricPoints']['$inferSelect']
/** A stored log record, as read. */
export type LogRow = Tables['logs']['$inferSelect']
