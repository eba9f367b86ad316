// Turns what SDKs emit into values that JSON can carry to another process.

/** Spans become plain objects, errors their name and message, circles and functions nothing. */
export function toPlain({ spans, ...others }) {
  return { ...(spans && { spans: spans.map(plainSpan) }), ...plainValue(others, []) }
}

/** A span of any version of the OpenTelemetry SDK, with the names of its own version. */
function plainSpan(span) {
  const { name, kind, startTime, endTime, duration, status, attributes, links, events } = span
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount } = span
  return plainValue(
    {
      name,
      kind,
      spanContext: span.spanContext(),
      parentSpanContext: span.parentSpanContext,
      parentSpanId: span.parentSpanId,
      startTime,
      endTime,
      duration,
      status,
      attributes,
      links,
      events,
      resource: { attributes: span.resource.attributes },
      instrumentationScope: span.instrumentationScope,
      instrumentationLibrary: span.instrumentationLibrary,
      droppedAttributesCount,
      droppedEventsCount,
      droppedLinksCount,
    },
    [],
  )
}

function plainValue(value, ancestors) {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (value === null || typeof value !== 'object') return value
  if (ancestors.includes(value)) return undefined
  if (typeof value.toJSON === 'function') return value.toJSON()
  const inside = [...ancestors, value]
  if (Array.isArray(value)) return value.map((item) => plainValue(item, inside))
  if (value instanceof Map) return plainValue(Object.fromEntries(value), ancestors)
  if (value instanceof Error) return { name: value.name, message: value.message, stack: value.stack }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainValue(item, inside)]))
}
