import { otelKinds, type SpanLink } from '../../../schema/values.ts'
import { Micros } from '../../rows/micros.ts'
import type { EventRecord } from '../../rows/records.ts'
import {
  absent,
  Misfit,
  optionalCount,
  optionalObject,
  optionalText,
  readItems,
  requiredObject,
  requiredText,
} from '../shape-error.ts'
import { microsFromNanos } from './nanos.ts'
import { readAttributes } from './read-value.ts'
import { type OtelSpan, spanLink } from './span-record.ts'
import { TypeNotes } from './type-notes.ts'

const statusCodes = ['unset', 'ok', 'error'] as const

/** One OTLP `Span`; its type notes are added to `notes`. */
export function readSpan(value: unknown, notes: TypeNotes): OtelSpan {
  const span = requiredObject(value, '')
  const traceId = readHexId(span.traceId, 'traceId')
  const spanId = readHexId(span.spanId, 'spanId')
  const startMicros = microsFromNanos(span.startTimeUnixNano, 'startTimeUnixNano')
  if (startMicros === 0) throw new Misfit('startTimeUnixNano', 'is missing')
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

/** Ids are hex in any case; an id of another kind is kept as it is. */
export const lowerHex = (id: string) => (/^[0-9a-f]+$/i.test(id) ? id.toLowerCase() : id)

const readHexId = (value: unknown, path: string) => lowerHex(requiredText(value, path))

/** An enum's number, given as it or by its protobuf name. */
export function enumNumber(value: unknown, prefix: string, names: readonly string[], path: string): number {
  if (absent(value)) return 0
  if (typeof value === 'string' && value.startsWith(prefix)) {
    const number = names.indexOf(value.slice(prefix.length).toLowerCase())
    if (number >= 0) return number
  }
  return optionalCount(value, path)
}

/** The counts of what the producer dropped; null where it dropped nothing. */
export function readDropped(attributeCount: unknown, eventCount: unknown, linkCount: unknown): OtelSpan['dropped'] {
  const attributes = optionalCount(attributeCount, 'droppedAttributesCount')
  const events = optionalCount(eventCount, 'droppedEventsCount')
  const links = optionalCount(linkCount, 'droppedLinksCount')
  if (attributes + events + links === 0) return null
  return { ...(attributes && { attributes }), ...(events && { events }), ...(links && { links }) }
}

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
