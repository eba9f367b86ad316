/**
 * The canonical form of an OTLP/JSON trace document: ids in lower case, 64-bit integers as decimal strings, enums as
 * integers, defaults left out, the last of duplicate keys, nanoseconds floored to microseconds, and an order that does
 * not depend on how the document was written. It knows nothing of the reader and the writer that it judges.
 */
export function canonicalOtlp(document: unknown): unknown {
  const spans = list(member(document, 'resourceSpans')).flatMap((resourceSpans) =>
    list(member(resourceSpans, 'scopeSpans')).flatMap((scopeSpans) =>
      list(member(scopeSpans, 'spans')).map((span) => ({
        resource: origin(member(resourceSpans, 'resource')),
        resourceSchemaUrl: member(resourceSpans, 'schemaUrl') || undefined,
        scope: origin(member(scopeSpans, 'scope')),
        scopeSchemaUrl: member(scopeSpans, 'schemaUrl') || undefined,
        span: canonicalSpan(span),
      })),
    ),
  )
  const order = (each: { span: { traceId?: unknown; spanId?: unknown } }) => `${each.span.traceId} ${each.span.spanId}`
  return sorted(spans.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)))
}

/** Any JSON with the members of its objects in order of name; members without a value are dropped. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]))
}

export const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

export const lower = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() || undefined : undefined)

const unlessEmpty = (value: Record<string, unknown>) =>
  Object.values(value).some((each) => each !== undefined) ? value : undefined

export const someOf = (items: unknown[]) => (items.length > 0 ? items : undefined)

export const micros = (nanos: unknown) => {
  const floored = (BigInt((nanos as string | number | undefined) ?? 0) / 1000n) * 1000n
  return floored === 0n ? undefined : String(floored)
}

export function origin(value: unknown) {
  return unlessEmpty({
    name: member(value, 'name') || undefined,
    version: member(value, 'version') || undefined,
    attributes: attributes(value),
    droppedAttributesCount: count(value, 'droppedAttributesCount'),
  })
}

export const count = (value: unknown, name: string) => Number(member(value, name) ?? 0) || undefined

function canonicalSpan(span: unknown) {
  const status = member(span, 'status')
  return {
    traceId: lower(member(span, 'traceId')),
    spanId: lower(member(span, 'spanId')),
    traceState: member(span, 'traceState') || undefined,
    parentSpanId: lower(member(span, 'parentSpanId')),
    flags: count(span, 'flags'),
    name: member(span, 'name') || undefined,
    kind: enumOf(member(span, 'kind'), [
      'SPAN_KIND_UNSPECIFIED',
      'SPAN_KIND_INTERNAL',
      'SPAN_KIND_SERVER',
      'SPAN_KIND_CLIENT',
      'SPAN_KIND_PRODUCER',
      'SPAN_KIND_CONSUMER',
    ]),
    startTimeUnixNano: micros(member(span, 'startTimeUnixNano')),
    endTimeUnixNano: micros(member(span, 'endTimeUnixNano')),
    attributes: attributes(span),
    droppedAttributesCount: count(span, 'droppedAttributesCount'),
    events: someOf(
      list(member(span, 'events')).map((event) => ({
        timeUnixNano: micros(member(event, 'timeUnixNano')),
        name: member(event, 'name') || undefined,
        attributes: attributes(event),
        droppedAttributesCount: count(event, 'droppedAttributesCount'),
      })),
    ),
    droppedEventsCount: count(span, 'droppedEventsCount'),
    links: someOf(
      list(member(span, 'links')).map((link) => ({
        traceId: lower(member(link, 'traceId')),
        spanId: lower(member(link, 'spanId')),
        traceState: member(link, 'traceState') || undefined,
        attributes: attributes(link),
        droppedAttributesCount: count(link, 'droppedAttributesCount'),
        flags: count(link, 'flags'),
      })),
    ),
    droppedLinksCount: count(span, 'droppedLinksCount'),
    status: unlessEmpty({
      message: member(status, 'message') || undefined,
      code: enumOf(member(status, 'code'), ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR']),
    }),
  }
}

export function enumOf(value: unknown, names: string[]): number | undefined {
  return (typeof value === 'string' && names.includes(value) ? names.indexOf(value) : Number(value ?? 0)) || undefined
}

export const attributes = (holder: unknown) => keyValues(member(holder, 'attributes'))

function keyValues(value: unknown) {
  const last = new Map<unknown, unknown>()
  for (const each of list(value)) last.set(member(each, 'key') ?? '', member(each, 'value'))
  const names = [...last.keys()].map(String).sort()
  return someOf(names.map((key) => ({ key, value: last.get(key) === undefined ? undefined : anyValue(last.get(key)) })))
}

export function anyValue(value: unknown): Record<string, unknown> {
  const has = (name: string) => member(value, name) !== undefined && member(value, name) !== null
  if (has('intValue')) return { intValue: String(BigInt(member(value, 'intValue') as string | number)) }
  if (has('doubleValue')) return { doubleValue: double(Number(member(value, 'doubleValue'))) }
  if (has('arrayValue')) {
    return { arrayValue: { values: someOf(list(member(member(value, 'arrayValue'), 'values')).map(anyValue)) } }
  }
  if (has('kvlistValue')) return { kvlistValue: { values: keyValues(member(member(value, 'kvlistValue'), 'values')) } }
  const name = ['stringValue', 'boolValue', 'bytesValue'].find(has)
  return name === undefined ? {} : { [name]: member(value, name) }
}

export function double(value: number): number | string {
  if (Object.is(value, -0)) return '-0'
  return Number.isFinite(value) ? value : String(value)
}
