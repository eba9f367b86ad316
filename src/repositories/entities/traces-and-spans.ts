import { type SQL, sql } from 'drizzle-orm'
import type { SpanRow, TraceRow } from '../../../schema/tables.ts'
import { eachToken } from '../../../schema/tokens.ts'
import type { CombinedFilter, FieldFilter, Fields, TimeFilter } from '../filters/match.ts'
import { checkedBoolean } from '../filters/values.ts'
import type { Entity, OwnCondition } from './entity.ts'

/** What both traces and spans are filtered by. */
const sharedFields = {
  traceId: 'text',
  name: 'text',
  status: 'enum',
  statusMessage: 'text',
  agentName: 'text',
  agentVersion: 'text',
  serviceName: 'text',
  sessionId: 'text',
  userId: 'text',
  environment: 'text',
  provider: 'text',
  model: 'text',
  durationMs: 'number',
  ...eachToken(() => 'number' as const),
  costUsd: 'number',
  startTime: 'instant',
  endTime: 'instant',
  tags: 'tags',
  input: 'content',
  output: 'content',
  resource: 'json',
} as const satisfies Fields

/** The columns that traces are filtered by. */
export const traceFields = {
  ...sharedFields,
  runId: 'text',
  parentRunId: 'text',
  spanCount: 'number',
  errorCount: 'number',
  llmCallCount: 'number',
  toolCallCount: 'number',
  stepCount: 'number',
  stepsDurationMs: 'number',
  createdAt: 'instant',
  updatedAt: 'instant',
  metadata: 'json',
} as const satisfies Fields

/** The columns that spans are filtered by. */
export const spanFields = {
  ...sharedFields,
  spanId: 'text',
  parentSpanId: 'text',
  kind: 'enum',
  otelKind: 'enum',
  operation: 'text',
  errorType: 'text',
  requestModel: 'text',
  responseId: 'text',
  toolName: 'text',
  toolType: 'text',
  toolCallId: 'text',
  mcpMethod: 'text',
  mcpServer: 'text',
  mcpSessionId: 'text',
  agentId: 'text',
  workflowName: 'text',
  sequence: 'number',
  timeToFirstChunkMs: 'number',
  attributes: 'json',
  scope: 'json',
} as const satisfies Fields

/** Which traces. Every condition must hold; what is left out does not filter. */
export interface TraceFilter
  extends FieldFilter<typeof traceFields, TraceRow>,
    TimeFilter,
    CombinedFilter<TraceFilter> {
  /** Whether the status is `error`, or that of a span is. */
  readonly hasError?: boolean | undefined
  /** At least one span of the trace matches. */
  readonly hasSpan?: SpanFilter | undefined
}

/** Which spans. Every condition must hold; what is left out does not filter. */
export interface SpanFilter extends FieldFilter<typeof spanFields, SpanRow>, TimeFilter, CombinedFilter<SpanFilter> {
  /** Whether the status is `error`. */
  readonly hasError?: boolean | undefined
  /** The span's trace matches: filters spans by metadata, which belongs to the trace. */
  readonly inTrace?: TraceFilter | undefined
}

const orders = { time: 'startTime', duration: 'durationMs', cost: 'costUsd', tokens: 'totalTokens' } as const

const traceOrders = { ...orders, created: 'createdAt' } as const

/**
 * What traces can be ordered by. An index answers `time`, which is the start, and `created`, which is when the trace was
 * stored first; the others sort what the filter leaves.
 */
export type TraceOrder = keyof typeof traceOrders

/** What spans can be ordered by. `time` is the start, which an index answers; the others sort what the filter leaves. */
export type SpanOrder = keyof typeof orders

const whether = (is: SQL, wanted: unknown, field: string): SQL =>
  checkedBoolean(wanted, field) ? is : sql`((${is}) is not true)`

// Written out, not a parameter: an index of failed spans is only used for the very words it is made of.
const hasFailedSpan: OwnCondition = ({ column }, wanted, field) =>
  whether(sql`(${column('status')} = 'error' or ${column('errorCount')} > 0)`, wanted, field)
const isFailedSpan: OwnCondition = ({ column }, wanted, field) =>
  whether(sql`${column('status')} = 'error'`, wanted, field)

/** Traces as they are filtered and listed. */
export const traceEntity = {
  time: 'startTime',
  fields: traceFields,
  conditions: {
    hasError: hasFailedSpan,
    hasSpan: ({ column, related }, wanted, field) => related('spans', column('traceId'), 'traceId', wanted, field),
  },
  keys: ['traceId'],
  orders: traceOrders,
} as const satisfies Entity<TraceOrder>

/** Spans as they are filtered and listed. */
export const spanEntity = {
  time: 'startTime',
  fields: spanFields,
  conditions: {
    hasError: isFailedSpan,
    inTrace: ({ column, related }, wanted, field) => related('traces', column('traceId'), 'traceId', wanted, field),
  },
  keys: ['traceId', 'spanId'],
  orders,
} as const satisfies Entity<SpanOrder>
