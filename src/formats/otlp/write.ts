import type { EventRow, SpanRow } from '../../../schema/tables.ts'
import type { AttributeTypes, Resource, Scope } from '../../../schema/values.ts'
import type { OtlpDocument, OtlpResourceSpans, OtlpScopeSpans } from './document.ts'
import { onlyNotes } from './type-notes.ts'
import { writeSpan } from './write-span.ts'
import { writeAttributes } from './write-value.ts'

/**
 * One OTLP/JSON `ExportTraceServiceRequest` of rows, grouped by resource and then by scope: the inverse of `readOtlp`,
 * in canonical form.
 *
 * @param events the events of these spans, in any order; others are left out
 */
export function writeOtlp(spans: readonly SpanRow[], events: readonly EventRow[]): OtlpDocument {
  const eventsOf = bySpan(events)
  const groups = new Map<string, { written: OtlpResourceSpans; scopes: Map<string, OtlpScopeSpans> }>()
  for (const row of spans) {
    const resourceKey = originKey(row.resource, '/resource', row.attributeTypes)
    let group = groups.get(resourceKey)
    if (group === undefined) {
      group = { written: { ...writeResource(row.resource, row.attributeTypes), scopeSpans: [] }, scopes: new Map() }
      groups.set(resourceKey, group)
    }
    const scopeKey = originKey(row.scope, '/scope', row.attributeTypes)
    let scope = group.scopes.get(scopeKey)
    if (scope === undefined) {
      scope = { ...writeScope(row.scope, row.attributeTypes), spans: [] }
      group.scopes.set(scopeKey, scope)
      group.written.scopeSpans.push(scope)
    }
    scope.spans.push(writeSpan(row, eventsOf.get(row.traceId)?.get(row.spanId) ?? []))
  }
  return { resourceSpans: Array.from(groups.values(), (group) => group.written) }
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

/** Equal for spans of one resource or scope: the same values, of the same types. */
const originKey = (origin: Resource | Scope | null, pointer: string, types: AttributeTypes | null) =>
  origin === null ? '' : JSON.stringify([origin, onlyNotes(types, pointer)])

function writeResource(resource: Resource | null, types: AttributeTypes | null) {
  if (resource === null) return {}
  const { schemaUrl, ...rest } = resource
  return { ...described('resource', rest, types), ...(schemaUrl && { schemaUrl }) }
}

function writeScope(scope: Scope | null, types: AttributeTypes | null) {
  if (scope === null) return {}
  const { schemaUrl, ...rest } = scope
  return { ...described('scope', rest, types), ...(schemaUrl && { schemaUrl }) }
}

/** What is said about a resource or a scope beside its schema URL, under the name of the member that holds it. */
function described(member: 'resource' | 'scope', said: Omit<Scope, 'schemaUrl'>, types: AttributeTypes | null) {
  const { name, version, attributes, droppedAttributesCount } = said
  const written = {
    ...(name && { name }),
    ...(version && { version }),
    ...(attributes && { attributes: writeAttributes(attributes, `/${member}/attributes`, types) }),
    ...(droppedAttributesCount && { droppedAttributesCount }),
  }
  return Object.keys(written).length > 0 ? { [member]: written } : {}
}
