import { otelKinds, type SpanLink } from '../../../schema/values.ts'
import { Micros } from '../../rows/micros.ts'
import type { EventRecord } from '../../rows/records.ts'
import { noteReading, type ReadResult } from '../read-result.ts'
import {
  optionalCount,
  optionalObject,
  optionalText,
  readItems,
  requiredObject,
  requiredText,
  ShapeError,
} from '../shape-error.ts'
import { evaluationOf } from './evaluation.ts'
import { enumNumber, lowerHex, microsFromNanos, readDropped } from './fields.ts'
import { readAttributes } from './read-value.ts'
import { type OtelSpan, spanLink, spanRecord } from './span-record.ts'
import { TypeNotes } from './type-notes.ts'
import { walkOtlp } from './walk.ts'

const signal = { top: 'resourceSpans', scoped: 'scopeSpans', items: 'spans' } as const

/**
 * The records of one OTLP/JSON `ExportTraceServiceRequest` (`{ "resourceSpans": […] }`). Evaluation events of spans are
 * results as well.
 *
 * @param document the parsed JSON
 */
export const readOtlp = (document: unknown): ReadResult =>
  walkOtlp(document, signal, (result) => (item, origin, types) => {
    const notes = new TypeNotes()
    notes.addAll(types)
    const read = readSpan(item, notes)
    const { record: span, trace, unread } = spanRecord(read, origin)
    result.spans.push(span)
    if (trace !== undefined) result.traces.push(trace)
    noteReading(result, origin.scope, span.reader, unread)
    for (const event of read.events) {
      result.events.push(event)
      const evaluation = evaluationOf(event.name, event, origin, {
        key: `event ${event.ordinal}`,
        agentName: span.agentName,
      })
      if (evaluation) result.results.push(evaluation)
    }
  })

const statusCodes = ['unset', 'ok', 'error'] as const

/** One OTLP `Span`; its type notes are added to `notes`. */
function readSpan(value: unknown, notes: TypeNotes): OtelSpan {
  const span = requiredObject(value, '')
  const traceId = readHexId(span.traceId, 'traceId')
  const spanId = readHexId(span.spanId, 'spanId')
  const startMicros = microsFromNanos(span.startTimeUnixNano, 'startTimeUnixNano')
  if (startMicros === 0) throw new ShapeError('startTimeUnixNano', 'is missing')
  const status = optionalObject(span.status, 'status')
  const links = readItems(span.links, 'links', (each, i) => readLink(each, `/links/${i}`, notes))
  return {
    traceId,
    spanId,
    parentSpanId: lowerHex(optionalText(span.parentSpanId, 'parentSpanId')) || null,
    name: optionalText(span.name, 'name'),
    startMicros,
    endMicros: microsFromNanos(span.endTimeUnixNano, 'endTimeUnixNano') || null,
    status: statusCodes[enumNumber(status.code, 'STATUS_CODE_', statusCodes, 'status.code')] ?? 'unset',
    statusMessage: optionalText(status.message, 'status.message') || null,
    otelKind: otelKinds[enumNumber(span.kind, 'SPAN_KIND_', otelKinds, 'kind')] ?? 'unspecified',
    traceState: optionalText(span.traceState, 'traceState') || null,
    flags: optionalCount(span.flags, 'flags') || null,
    dropped: readDropped(span.droppedAttributesCount, span.droppedEventsCount, span.droppedLinksCount),
    links: links.length > 0 ? links : null,
    attributes: readAttributes(span.attributes, 'attributes', '/attributes', notes),
    types: notes.types,
    events: readItems(span.events, 'events', (each, i) => readEvent(each, i, traceId, spanId)),
  }
}

const readHexId = (value: unknown, path: string) => lowerHex(requiredText(value, path))

function readEvent(value: unknown, ordinal: number, traceId: string, spanId: string): EventRecord {
  const event = requiredObject(value, '')
  const notes = new TypeNotes()
  const attributes = readAttributes(event.attributes, 'attributes', '/attributes', notes)
  return {
    traceId,
    spanId,
    ordinal,
    name: optionalText(event.name, 'name'),
    time: new Micros(microsFromNanos(event.timeUnixNano, 'timeUnixNano')),
    attributes,
    attributeTypes: notes.types,
    droppedAttributesCount: optionalCount(event.droppedAttributesCount, 'droppedAttributesCount') || null,
  }
}

function readLink(value: unknown, pointer: string, notes: TypeNotes): SpanLink {
  const link = requiredObject(value, '')
  const attributes = readAttributes(link.attributes, 'attributes', `${pointer}/attributes`, notes)
  return spanLink(
    {
      traceId: lowerHex(optionalText(link.traceId, 'traceId')),
      spanId: lowerHex(optionalText(link.spanId, 'spanId')),
      traceState: optionalText(link.traceState, 'traceState'),
      flags: optionalCount(link.flags, 'flags'),
    },
    attributes,
    optionalCount(link.droppedAttributesCount, 'droppedAttributesCount'),
  )
}
