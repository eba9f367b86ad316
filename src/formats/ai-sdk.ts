import type { JsonObject, OtelKind, Resource, Scope, SpanLink } from '../../schema/values.ts'
import { Micros } from '../rows/micros.ts'
import type { EventRecord } from '../rows/records.ts'
import { readDropped } from './otlp/fields.ts'
import { type LinkTarget, spanLink, spanRecord } from './otlp/span-record.ts'
import { TypeNotes } from './otlp/type-notes.ts'
import { emptyResult, noteReading, type ReadResult } from './read-result.ts'
import {
  absent,
  optionalCount,
  optionalObject,
  optionalText,
  readItems,
  requiredObject,
  requiredText,
  ShapeError,
  type Unknowns,
} from './shape-error.ts'

/** The JavaScript API counts span kinds from `internal`, one less than OTLP. */
const kinds: readonly OtelKind[] = ['internal', 'server', 'client', 'producer', 'consumer']
const statusCodes = ['unset', 'ok', 'error'] as const

/**
 * The records of spans in the shape of OpenTelemetry's JavaScript SDK (`ReadableSpan` as JSON), as the Vercel AI SDK's
 * exporters see them: one span or a list of them. A span of another shape is left out and named in `rejected`.
 *
 * @param document the parsed JSON
 */
export function readAiSdk(document: unknown): ReadResult {
  const result = emptyResult()
  const many = Array.isArray(document)
  const spans: readonly unknown[] = many ? document : [document]
  spans.forEach((span, i) => {
    try {
      readSpan(span, result)
    } catch (error) {
      result.rejected.push(ShapeError.rejection(error, many ? `[${i}]` : ''))
    }
  })
  return result
}

function readSpan(value: unknown, result: ReadResult): void {
  const span = requiredObject(value, '')
  // An SDK's own object, stringified, has its context in a field; some exporters put the ids beside the name.
  const context = readContext(span.spanContext ?? span._spanContext ?? span, 'spanContext')
  const { traceId, spanId } = context
  const status = optionalObject(span.status, 'status')
  const events = readItems(span.events, 'events', (each, i) => readEvent(each, i, context))
  const startMicros = microsFromHrTime(span.startTime, 'startTime')
  if (startMicros === 0) throw new ShapeError('startTime', 'is missing')
  const links = readItems(span.links, 'links', readLink)
  const { record, trace, unread } = spanRecord(
    {
      traceId,
      spanId,
      parentSpanId: parentSpanId(span),
      name: optionalText(span.name, 'name'),
      startMicros,
      // A span that has not ended has [0, 0].
      endMicros: microsFromHrTime(span.endTime, 'endTime') || null,
      status: statusCodes[optionalCount(status.code, 'status.code')] ?? 'unset',
      statusMessage: optionalText(status.message, 'status.message') || null,
      otelKind: absent(span.kind) ? 'unspecified' : (kinds[optionalCount(span.kind, 'kind')] ?? 'unspecified'),
      traceState: context.traceState || null,
      flags: context.flags || null,
      dropped: readDropped(span, new TypeNotes()),
      links: links.length > 0 ? links : null,
      attributes: attributesOf(span, 'attributes'),
      types: null,
      events,
    },
    { resource: readResource(span), scope: readScope(span) },
  )
  result.spans.push(record)
  if (trace !== undefined) result.traces.push(trace)
  noteReading(result, record.scope ?? null, record.reader, unread)
  for (const event of events) result.events.push(event)
}

function readContext(value: unknown, path: string): LinkTarget {
  const context = requiredObject(value, path)
  return {
    traceId: requiredText(context.traceId, `${path}.traceId`).toLowerCase(),
    spanId: requiredText(context.spanId, `${path}.spanId`).toLowerCase(),
    traceState: typeof context.traceState === 'string' ? context.traceState : '',
    flags: optionalCount(context.traceFlags, `${path}.traceFlags`),
  }
}

/** Version 1 of the SDK has the parent's id, version 2 its context. */
function parentSpanId(span: Unknowns): string | null {
  const parent = optionalObject(span.parentSpanContext, 'parentSpanContext')
  const id = optionalText(span.parentSpanId, 'parentSpanId') || optionalText(parent.spanId, 'parentSpanContext.spanId')
  return id.toLowerCase() || null
}

function readEvent(value: unknown, ordinal: number, span: LinkTarget): EventRecord {
  const event = requiredObject(value, '')
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ordinal,
    name: optionalText(event.name, 'name'),
    time: new Micros(microsFromHrTime(event.time, 'time')),
    attributes: attributesOf(event, 'attributes'),
    attributeTypes: null,
    droppedAttributesCount: optionalCount(event.droppedAttributesCount, 'droppedAttributesCount') || null,
  }
}

function readLink(value: unknown): SpanLink {
  const link = requiredObject(value, '')
  const target = readContext(link.context, 'context')
  const droppedAttributesCount = optionalCount(link.droppedAttributesCount, 'droppedAttributesCount')
  return spanLink(target, attributesOf(link, 'attributes'), droppedAttributesCount)
}

function readResource(span: Unknowns): Resource | null {
  const resource = optionalObject(span.resource, 'resource')
  const attributes = attributesOf(resource, 'resource.attributes')
  const schemaUrl = optionalText(resource.schemaUrl, 'resource.schemaUrl')
  if (Object.keys(attributes).length === 0 && schemaUrl === '') return null
  return { ...(Object.keys(attributes).length > 0 && { attributes }), ...(schemaUrl && { schemaUrl }) }
}

/** Version 1 of the SDK calls the scope a library. */
function readScope(span: Unknowns): Scope | null {
  const given = optionalObject(span.instrumentationScope ?? span.instrumentationLibrary, 'instrumentationScope')
  const name = optionalText(given.name, 'instrumentationScope.name')
  const version = optionalText(given.version, 'instrumentationScope.version')
  const schemaUrl = optionalText(given.schemaUrl, 'instrumentationScope.schemaUrl')
  const scope: Scope = { ...(name && { name }), ...(version && { version }), ...(schemaUrl && { schemaUrl }) }
  return Object.keys(scope).length > 0 ? scope : null
}

// The document came from JSON, so its values are JSON.
const attributesOf = (holder: Unknowns, path: string) => optionalObject(holder.attributes, path) as JsonObject

/** Microseconds of an `HrTime`, `[seconds, nanoseconds]`; 0 where there is none. */
function microsFromHrTime(value: unknown, path: string): number {
  if (absent(value)) return 0
  const [seconds, nanos]: readonly unknown[] = Array.isArray(value) && value.length === 2 ? value : []
  const micros = whole(seconds) * 1_000_000 + Math.floor(whole(nanos) / 1000)
  if (Number.isSafeInteger(micros)) return micros
  throw new ShapeError(path, 'is not a time as [seconds, nanoseconds]')
}

const whole = (value: unknown): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : Number.NaN
