import type { EventRow, SpanRow } from '../../../schema/tables.ts'
import { type Json, otelKinds, type SpanLink, type Status } from '../../../schema/values.ts'
import type { OtlpEvent, OtlpKeyValue, OtlpLink, OtlpSpan } from './document.ts'
import { nanosFromIso } from './fields.ts'
import { reportedEnd } from './reported-end.ts'
import { writeAttributes, writeKeyValue } from './write-value.ts'

/** OTLP has three codes: a stopped span is an error, a running one is unset. */
const statusCodes: Readonly<Record<Status, number>> = {
  unset: 0,
  ok: 1,
  error: 2,
  running: 0,
  cancelled: 2,
  budget_exceeded: 2,
  guardrail: 2,
}

/** One OTLP `Span` of a span's row and the rows of its events, which may be in any order. */
export function writeSpan(row: SpanRow, events: readonly EventRow[]): OtlpSpan {
  const { traceState, parentSpanId, flags, name, dropped, attributeTypes } = row
  const kind = row.otelKind === null ? 0 : otelKinds.indexOf(row.otelKind)
  // What the source did not send follows from attributes or events, and goes no further.
  const code = attributeTypes?.['/status'] === 'empty' ? 0 : statusCodes[row.status]
  const statusMessage = attributeTypes?.['/statusMessage'] === 'empty' ? null : row.statusMessage
  const attributes = spanAttributes(row)
  return {
    traceId: row.traceId,
    spanId: row.spanId,
    ...(traceState && { traceState }),
    ...(parentSpanId && { parentSpanId }),
    ...(flags && { flags }),
    ...(name && { name }),
    ...(kind && { kind }),
    startTimeUnixNano: nanosFromIso(row.startTime),
    ...(row.endTime !== null && { endTimeUnixNano: endOf(row) ?? nanosFromIso(row.endTime) }),
    ...(attributes.length > 0 && { attributes }),
    ...(dropped?.attributes && { droppedAttributesCount: dropped.attributes }),
    ...(events.length > 0 && { events: writeEvents(events) }),
    ...(dropped?.events && { droppedEventsCount: dropped.events }),
    ...(row.links !== null && row.links.length > 0 && { links: writeLinks(row.links, row.attributeTypes) }),
    ...(dropped?.links && { droppedLinksCount: dropped.links }),
    ...((code || statusMessage) && {
      status: { ...(statusMessage && { message: statusMessage }), ...(code && { code }) },
    }),
  }
}

/** The end that was reported before the start of a span; undefined of all others. */
function endOf({ attributes }: SpanRow): string | undefined {
  const reported = attributes[reportedEnd]
  return typeof reported === 'string' && /^\d+$/.test(reported) ? reported : undefined
}

/** A row's attributes, with the content that had moved to `input` and `output` in its place again. */
function spanAttributes(row: SpanRow): OtlpKeyValue[] {
  const { contentKeys, attributeTypes: types } = row
  const { [reportedEnd]: _, ...reported } = row.attributes
  const attributes = writeAttributes(endOf(row) === undefined ? row.attributes : reported, '/attributes', types)
  pushContent(attributes, contentKeys?.input, row.input, '/input', types)
  pushContent(attributes, contentKeys?.output, row.output, '/output', types)
  return attributes
}

/** One name is the name of the value; several are those of its items. */
function pushContent(
  into: OtlpKeyValue[],
  names: string | readonly string[] | undefined,
  value: Json,
  pointer: string,
  types: SpanRow['attributeTypes'],
): void {
  if (names === undefined) return
  if (typeof names === 'string') into.push(writeKeyValue(names, value, pointer, types))
  else {
    const items: readonly Json[] = Array.isArray(value) ? value : []
    names.forEach((name, i) => {
      into.push(writeKeyValue(name, items[i] ?? null, `${pointer}/${i}`, types))
    })
  }
}

function writeEvents(events: readonly EventRow[]): OtlpEvent[] {
  return events
    .toSorted((a, b) => a.ordinal - b.ordinal)
    .map((event) => {
      const { name, droppedAttributesCount } = event
      const timeUnixNano = nanosFromIso(event.time)
      const attributes = writeAttributes(event.attributes, '/attributes', event.attributeTypes)
      return {
        ...(timeUnixNano !== '0' && { timeUnixNano }),
        ...(name && { name }),
        ...(attributes.length > 0 && { attributes }),
        ...(droppedAttributesCount && { droppedAttributesCount }),
      }
    })
}

function writeLinks(links: readonly SpanLink[], types: SpanRow['attributeTypes']): OtlpLink[] {
  return links.map(({ traceId, spanId, traceState, attributes, droppedAttributesCount, flags }, i) => ({
    traceId,
    spanId,
    ...(traceState && { traceState }),
    ...(attributes && { attributes: writeAttributes(attributes, `/links/${i}/attributes`, types) }),
    ...(droppedAttributesCount && { droppedAttributesCount }),
    ...(flags && { flags }),
  }))
}
