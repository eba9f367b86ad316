import type {
  AttributeTypes,
  DroppedCounts,
  JsonObject,
  OtelKind,
  Resource,
  Scope,
  SpanLink,
  Status,
} from '../../../schema/values.ts'
import { Micros, microsOrNull } from '../../rows/micros.ts'
import type { EventRecord, SpanRecord, TraceRecord } from '../../rows/records.ts'
import { ShapeError } from '../shape-error.ts'
import { moveContent } from './content.ts'
import { type ReadSpan, readSpanColumns } from './profiles/read.ts'

/** What produced a span: shared by all spans of a resource and a scope. */
export interface Origin {
  readonly resource: Resource | null
  readonly scope: Scope | null
}

/** A span of the OpenTelemetry data model, whatever the format that it was read from. */
export interface OtelSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly name: string
  readonly startMicros: number
  /** Null while the span runs. */
  readonly endMicros: number | null
  readonly status: 'unset' | 'ok' | 'error'
  readonly statusMessage: string | null
  readonly otelKind: OtelKind
  readonly traceState: string | null
  readonly flags: number | null
  readonly dropped: DroppedCounts | null
  readonly links: readonly SpanLink[] | null
  readonly attributes: JsonObject
  readonly types: AttributeTypes | null
  readonly events: readonly EventRecord[]
}

/** A span as read: its record, and what it says beside it. */
export interface SpanReading extends Pick<ReadSpan, 'unread'> {
  readonly record: SpanRecord
  /** What the span says of its trace; undefined where it says nothing. */
  readonly trace: TraceRecord | undefined
}

/** The record of a span: what it said, and the columns that its attributes and events stand for. */
export function spanRecord(span: OtelSpan, origin: Origin): SpanReading {
  const { startMicros, endMicros, attributes, events } = span
  if (endMicros !== null && endMicros < startMicros) throw new ShapeError('', 'ends before it starts')
  const durationMs = endMicros === null ? null : (endMicros - startMicros) / 1000
  const { columns, failed, failure, input, output, trace, unread } = readSpanColumns({
    name: span.name,
    startMicros,
    durationMs,
    attributes,
    events,
    resource: origin.resource?.attributes ?? {},
    scope: origin.scope,
    isRoot: span.parentSpanId === null,
  })
  // A status that the SDK set is its own word.
  const status = failed && span.status === 'unset' ? 'error' : span.status
  const statusMessage = span.statusMessage ?? (status === 'error' ? failure : null)
  const content = moveContent(attributes, span.types, input, output)
  const record: SpanRecord = {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    status,
    statusMessage,
    startTime: new Micros(startMicros),
    endTime: microsOrNull(endMicros),
    durationMs,
    sequence: null,
    // One by one: a spread among other properties takes a microsecond.
    kind: columns.kind,
    operation: columns.operation,
    provider: columns.provider,
    model: columns.model,
    requestModel: columns.requestModel,
    responseId: columns.responseId,
    finishReasons: columns.finishReasons,
    costUsd: columns.costUsd,
    timeToFirstChunkMs: columns.timeToFirstChunkMs,
    toolName: columns.toolName,
    toolType: columns.toolType,
    toolCallId: columns.toolCallId,
    mcpMethod: columns.mcpMethod,
    mcpServer: columns.mcpServer,
    mcpSessionId: columns.mcpSessionId,
    sessionId: columns.sessionId,
    userId: columns.userId,
    serviceName: columns.serviceName,
    environment: columns.environment,
    agentId: columns.agentId,
    agentName: columns.agentName,
    agentVersion: columns.agentVersion,
    workflowName: columns.workflowName,
    tags: columns.tags,
    reader: columns.reader,
    inputTokens: columns.inputTokens,
    outputTokens: columns.outputTokens,
    totalTokens: columns.totalTokens,
    cacheReadTokens: columns.cacheReadTokens,
    cacheCreationTokens: columns.cacheCreationTokens,
    reasoningTokens: columns.reasoningTokens,
    errorType: columns.errorType ?? exceptionType({ status, events }),
    otelKind: span.otelKind,
    traceState: span.traceState,
    flags: span.flags,
    input: content.input,
    output: content.output,
    contentKeys: content.contentKeys,
    attributes: content.attributes,
    attributeTypes: withStatusNotes(content.types, span, status, statusMessage),
    resource: origin.resource,
    scope: origin.scope,
    links: span.links,
    dropped: span.dropped,
  }
  return { record, trace: traceRecord(span.traceId, trace), unread }
}

/** A status and its message that the source did not send follow from elsewhere, and are not sent on. */
function withStatusNotes(
  types: AttributeTypes | null,
  sent: OtelSpan,
  status: OtelSpan['status'],
  message: string | null,
): AttributeTypes | null {
  const isStatusSent = status === sent.status
  const isMessageSent = message === sent.statusMessage
  if (isStatusSent && isMessageSent) return types
  return {
    ...types,
    ...(!isStatusSent && { '/status': 'empty' as const }),
    ...(!isMessageSent && { '/statusMessage': 'empty' as const }),
  }
}

function traceRecord(traceId: string, { name, tags, metadata }: ReadSpan['trace']): TraceRecord | undefined {
  if (name === null && tags === null && metadata === null) return undefined
  return {
    traceId,
    ...(name !== null && { name }),
    ...(tags !== null && { tags }),
    ...(metadata !== null && { metadata }),
  }
}

/** What the type of an error is read from: the status, and the events in order. */
interface Excepted {
  readonly status: Status
  readonly events: readonly { readonly name: string; readonly attributes?: JsonObject | undefined }[]
}

/** Many SDKs say what went wrong only in an `exception` event. */
export function exceptionType({ status, events }: Excepted): string | null {
  if (status !== 'error') return null
  const type = events.findLast((event) => event.name === 'exception')?.attributes?.['exception.type']
  return typeof type === 'string' && type !== '' ? type : null
}

/** What identifies the span that a link points to. */
export type LinkTarget = Required<Pick<SpanLink, 'traceId' | 'spanId' | 'traceState' | 'flags'>>

/** A link without empty members. */
export function spanLink(
  { traceId, spanId, traceState, flags }: LinkTarget,
  attributes: JsonObject,
  droppedAttributesCount: number,
): SpanLink {
  return {
    traceId,
    spanId,
    ...(traceState && { traceState }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(droppedAttributesCount && { droppedAttributesCount }),
    ...(flags && { flags }),
  }
}
