import { type JsonObject, otelKinds, type SpanLink } from '../../../schema/values.ts'
import { Micros } from '../../rows/micros.ts'
import type { EventRecord } from '../../rows/records.ts'
import { noteReading, type ReadResult } from '../read-result.ts'
import { absent, optionalList, optionalObject, requiredObject, ShapeError, type Unknowns } from '../shape-error.ts'
import { camelCaseMembers } from './camel-case-members.ts'
import { evaluationOf } from './evaluation.ts'
import { readCount, readDropped, readEnum, readId, readText, readTime, spanIdBytes, traceIdBytes } from './fields.ts'
import { readAttributes } from './read-value.ts'
import { reportedEnd } from './reported-end.ts'
import { type OtelSpan, spanLink, spanRecord } from './span-record.ts'
import { TypeNotes } from './type-notes.ts'
import { walkOtlp } from './walk.ts'

const signal = {
  top: 'resourceSpans',
  scoped: 'scopeSpans',
  items: 'spans',
  old: ['instrumentationLibrarySpans', 'spans'],
} as const

/**
 * The records of one OTLP/JSON `ExportTraceServiceRequest` (`{ "resourceSpans": […] }`). Evaluation events of spans are
 * results as well.
 *
 * @param document the parsed JSON
 */
export const readOtlp = (document: unknown): ReadResult =>
  walkOtlp(document, signal, (result) => (item, origin, notes) => {
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

/** One OTLP `Span`; what is to be noted of it goes to `notes`. */
function readSpan(span: Unknowns, notes: TypeNotes): OtelSpan {
  const traceId = readId(span, 'traceId', traceIdBytes, notes)
  const spanId = readId(span, 'spanId', spanIdBytes, notes)
  if (traceId === '') throw new ShapeError('traceId', 'is missing')
  if (spanId === '') throw new ShapeError('spanId', 'is missing')
  const attributes = readAttributes(span.attributes, 'attributes', '/attributes', notes)
  const times = readTimes(span, attributes, notes)
  const status = camelCaseMembers(notes.detail('status', {}, () => optionalObject(span.status, '')))
  const links = readDetails(span.links, 'links', notes, (each, i) => readLink(each, `/links/${i}`, notes))
  return {
    traceId,
    spanId,
    parentSpanId: readId(span, 'parentSpanId', spanIdBytes, notes) || null,
    name: readText(span, 'name', notes),
    startMicros: times.start,
    endMicros: times.end,
    status: statusCodes[readEnum(status, 'code', 'STATUS_CODE_', statusCodes, notes)] ?? 'unset',
    statusMessage: readText(status, 'message', notes) || null,
    otelKind: otelKinds[readEnum(span, 'kind', 'SPAN_KIND_', otelKinds, notes)] ?? 'unspecified',
    traceState: readText(span, 'traceState', notes) || null,
    flags: readCount(span, 'flags', notes) || null,
    dropped: readDropped(span, notes),
    links: links.length > 0 ? links : null,
    attributes: times.attributes,
    types: notes.types,
    events: readDetails(span.events, 'events', notes, (each, i) => readEvent(each, i, traceId, spanId, notes)),
  }
}

/**
 * When a span began and ended. One that ends before it starts lasts 0: the end that was reported is kept as an attribute,
 * and written in its place again.
 */
function readTimes(span: Unknowns, attributes: JsonObject, notes: TypeNotes) {
  const end = readTime(span, 'endTimeUnixNano', notes) || null
  let start = readTime(span, 'startTimeUnixNano', notes)
  if (start === 0) {
    if (end === null) throw new ShapeError('startTimeUnixNano', 'is missing')
    notes.repair('startTimeUnixNano', 'is missing: the span starts where it ends')
    start = end
  }
  if (end === null || end >= start) return { start, end, attributes }
  notes.repair('endTimeUnixNano', 'is before the start: the span lasts 0')
  return { start, end: start, attributes: { ...attributes, [reportedEnd]: `${end}000` } }
}

/** What `read` makes of every item of a list; an item that does not fit is left out, and `notes` says so. */
function readDetails<T>(
  value: unknown,
  path: string,
  notes: TypeNotes,
  read: (item: Unknowns, index: number) => T,
): T[] {
  if (absent(value)) return []
  const items = notes.detail(path, [], () => optionalList(value, ''))
  return items.flatMap((item, i) =>
    notes.detail<T[]>(`${path}[${i}]`, [], () => [read(camelCaseMembers(requiredObject(item, '')), i)]),
  )
}

function readEvent(event: Unknowns, ordinal: number, traceId: string, spanId: string, ofSpan: TypeNotes): EventRecord {
  const notes = new TypeNotes()
  const attributes = readAttributes(event.attributes, 'attributes', '/attributes', notes)
  const record = {
    traceId,
    spanId,
    ordinal,
    name: readText(event, 'name', notes),
    time: new Micros(readTime(event, 'timeUnixNano', notes)),
    attributes,
    attributeTypes: notes.types,
    droppedAttributesCount: readCount(event, 'droppedAttributesCount', notes) || null,
  }
  for (const { path, reason } of notes.repairs) ofSpan.repair(`events[${ordinal}].${path}`, reason)
  return record
}

function readLink(link: Unknowns, pointer: string, notes: TypeNotes): SpanLink {
  const attributes = readAttributes(link.attributes, 'attributes', `${pointer}/attributes`, notes)
  return spanLink(
    {
      traceId: readId(link, 'traceId', traceIdBytes, notes),
      spanId: readId(link, 'spanId', spanIdBytes, notes),
      traceState: readText(link, 'traceState', notes),
      flags: readCount(link, 'flags', notes),
    },
    attributes,
    readCount(link, 'droppedAttributesCount', notes),
  )
}
