/** OTLP/JSON written by hand, for tests. */

/** An `AnyValue` of a plain value; other objects are taken to be one. */
function anyValue(value: unknown): unknown {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
  return value
}

/** A list of `KeyValue`s. */
export const otlpAttributes = (attributes: Record<string, unknown>) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))

/** A span that is right, with what a test wants otherwise. */
export const otlpSpan = (members: Record<string, unknown> = {}) => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'a span',
  startTimeUnixNano: '1763000000000000000',
  endTimeUnixNano: '1763000001500000000',
  ...members,
})

/** A request of one resource and one scope. */
export const otlpRequest = (...spans: readonly unknown[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
