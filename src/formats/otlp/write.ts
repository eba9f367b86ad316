import type { EventRow, SpanRow } from '../../../schema/tables.ts'
import { withAttributesFromColumns } from './attributes-from-columns.ts'
import { isDerived } from './derived/sources.ts'
import type { OtlpDocument } from './document.ts'
import { groupByOrigin } from './origin-groups.ts'
import { writeSpan } from './write-span.ts'

/**
 * One OTLP/JSON `ExportTraceServiceRequest` of rows, grouped by resource and then by scope: the inverse of `readOtlp`,
 * in canonical form. Values that only columns hold become attributes. Spans that were derived from logs or metrics
 * are left out: these signals tell of them.
 *
 * @param given the events of these spans, in any order; others are left out
 */
export function writeOtlp(spans: readonly SpanRow[], given: readonly EventRow[]): OtlpDocument {
  const events = bySpan(given)
  const eventsOf = ({ traceId, spanId }: SpanRow) => events.get(traceId)?.get(spanId) ?? []
  const rows = spans.filter((row) => !isDerived(row)).map((row) => withAttributesFromColumns(row, eventsOf(row)))
  const resourceSpans = groupByOrigin(rows).map(({ head, scopes }) => ({
    ...head,
    scopeSpans: Array.from(scopes.values(), (scope) => ({
      ...scope.head,
      spans: scope.rows.map((row) => writeSpan(row, eventsOf(row))),
    })),
  }))
  return { resourceSpans }
}

function bySpan(events: readonly EventRow[]): Map<string, Map<string, EventRow[]>> {
  const traces = new Map<string, Map<string, EventRow[]>>()
  for (const event of events) {
    const spans = traces.get(event.traceId) ?? new Map<string, EventRow[]>()
    traces.set(event.traceId, spans)
    const found = spans.get(event.spanId)
    if (found === undefined) spans.set(event.spanId, [event])
    else found.push(event)
  }
  return traces
}
