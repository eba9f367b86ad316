/**
 * An OTLP/JSON trace document in the canonical form that tracehold writes: ids in lower case, 64-bit integers as
 * decimal strings, enums as integers, defaults left out. See opentelemetry/proto/collector/trace/v1.
 */
export interface OtlpDocument {
  resourceSpans: OtlpResourceSpans[]
}

/** The spans of one resource. */
export interface OtlpResourceSpans {
  resource?: { attributes?: OtlpKeyValue[]; droppedAttributesCount?: number }
  scopeSpans: OtlpScopeSpans[]
  schemaUrl?: string
}

/** The spans of one instrumentation scope. */
export interface OtlpScopeSpans {
  scope?: { name?: string; version?: string; attributes?: OtlpKeyValue[]; droppedAttributesCount?: number }
  spans: OtlpSpan[]
  schemaUrl?: string
}

/** One span. */
export interface OtlpSpan {
  traceId: string
  spanId: string
  traceState?: string
  parentSpanId?: string
  flags?: number
  name?: string
  kind?: number
  startTimeUnixNano: string
  endTimeUnixNano?: string
  attributes?: OtlpKeyValue[]
  droppedAttributesCount?: number
  events?: OtlpEvent[]
  droppedEventsCount?: number
  links?: OtlpLink[]
  droppedLinksCount?: number
  status?: { message?: string; code?: number }
}

/** One event of a span. */
export interface OtlpEvent {
  timeUnixNano?: string
  name?: string
  attributes?: OtlpKeyValue[]
  droppedAttributesCount?: number
}

/** One link of a span. */
export interface OtlpLink {
  traceId: string
  spanId: string
  traceState?: string
  attributes?: OtlpKeyValue[]
  droppedAttributesCount?: number
  flags?: number
}

/** A named value. */
export interface OtlpKeyValue {
  key: string
  value?: OtlpAnyValue
}

/** A value of exactly one type, or of none. */
export interface OtlpAnyValue {
  stringValue?: string
  boolValue?: boolean
  /** A 64-bit integer in decimal. */
  intValue?: string
  /** A number; `NaN`, `Infinity`, `-Infinity` and `-0`, which JSON numbers cannot carry, as strings. */
  doubleValue?: number | string
  arrayValue?: { values?: OtlpAnyValue[] }
  kvlistValue?: { values?: OtlpKeyValue[] }
  /** Base64. */
  bytesValue?: string
}
