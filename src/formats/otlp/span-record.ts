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
import type { EventRecord, SpanRecord } from '../../rows/records.ts'
import { Misfit } from '../shape-error.ts'
import { deriveColumns } from './columns.ts'
import { moveContent } from './content.ts'

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

/** The record of a span: what it said, and the columns that its attributes stand for. */
export function spanRecord(span: OtelSpan, origin: Origin): SpanRecord {
  const { startMicros, endMicros } = span
  if (endMicros !== null && endMicros < startMicros) throw new Misfit('', 'ends before it starts')
  const content = moveContent(span.attributes, span.types)
  const columns = deriveColumns(span.attributes, origin.resource?.attributes ?? {})
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    status: span.status,
    statusMessage: span.statusMessage,
    startTime: new Micros(startMicros),
    endTime: microsOrNull(endMicros),
    durationMs: endMicros === null ? null : (endMicros - startMicros) / 1000,
    sequence: null,
    ...columns,
    errorType: columns.errorType ?? exceptionType(span),
    otelKind: span.otelKind,
    traceState: span.traceState,
    flags: span.flags,
    tags: null,
    input: content.input,
    output: content.output,
    contentKeys: content.contentKeys,
    attributes: content.attributes,
    attributeTypes: content.types,
    resource: origin.resource,
    scope: origin.scope,
    links: span.links,
    dropped: span.dropped,
  }
}

/** What tells the type of an error: the status, and the events in order. */
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

/** A link, without what is not said about it. */
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
