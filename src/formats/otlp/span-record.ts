import type {
  AttributeTypes,
  ContentKeys,
  DroppedCounts,
  Json,
  JsonObject,
  OtelKind,
  Resource,
  Scope,
  SpanLink,
  Status,
} from '../../../schema/values.ts'
import { Micros, microsOrNull } from '../../rows/micros.ts'
import type { EventRecord, SpanRecord } from '../../rows/records.ts'
import { ShapeError } from '../shape-error.ts'
import { deriveColumns } from './columns.ts'
import { inputNames, outputNames } from './names.ts'
import { setMember } from './read-value.ts'
import { movedNotes } from './type-notes.ts'

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

/** The record of a span, with the columns that its attributes fill. */
export function spanRecord(span: OtelSpan, origin: Origin): SpanRecord {
  const { startMicros, endMicros } = span
  if (endMicros !== null && endMicros < startMicros) throw new ShapeError('', 'ends before it starts')
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

/** A span's attributes, and its content apart from them. */
interface Content {
  readonly input: Json
  readonly output: Json
  /** Which attributes moved to `input` and `output`. */
  readonly contentKeys: ContentKeys | null
  readonly attributes: JsonObject
  readonly types: AttributeTypes | null
}

/**
 * Moves what went in and came out of a span from its attributes to `input` and `output`, unchanged. Of several
 * attributes for a column the preferred one moves and the others stay. An empty one stays.
 */
function moveContent(attributes: JsonObject, types: AttributeTypes | null): Content {
  const inputKey = present(attributes, inputNames)
  const outputKey = present(attributes, outputNames)
  if (inputKey === undefined && outputKey === undefined) {
    return { input: null, output: null, contentKeys: null, attributes, types }
  }
  const rest: Record<string, Json> = {}
  for (const key of Object.keys(attributes)) {
    if (key !== inputKey && key !== outputKey) setMember(rest, key, attributes[key] as Json)
  }
  let moved = types
  if (inputKey !== undefined) moved = movedNotes(moved, `/attributes/${inputKey}`, '/input')
  if (outputKey !== undefined) moved = movedNotes(moved, `/attributes/${outputKey}`, '/output')
  return {
    input: inputKey === undefined ? null : (attributes[inputKey] as Json),
    output: outputKey === undefined ? null : (attributes[outputKey] as Json),
    contentKeys: { ...(inputKey && { input: inputKey }), ...(outputKey && { output: outputKey }) },
    attributes: rest,
    types: moved,
  }
}

function present(attributes: JsonObject, names: readonly string[]): string | undefined {
  return names.find((name) => {
    const value = attributes[name]
    return value !== undefined && value !== null && value !== ''
  })
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
