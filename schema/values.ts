/** The closed vocabularies and JSON shapes that the tables share. */

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json }

/**
 * What a span did. `llm` is a model call, `step` a unit of work inside an agent, `mcp` a Model Context Protocol
 * request, `other` whatever is not an agent's own work (an HTTP handler, a database call).
 */
export const spanKinds = [
  'workflow',
  'agent',
  'step',
  'llm',
  'tool',
  'mcp',
  'retrieval',
  'embedding',
  'rerank',
  'guardrail',
  'evaluation',
  'other',
] as const
export type SpanKind = (typeof spanKinds)[number]

/** How a span or a trace ended: OpenTelemetry's three, and what agent runtimes add. */
export const statuses = ['unset', 'ok', 'error', 'running', 'cancelled', 'budget_exceeded', 'guardrail'] as const
export type Status = (typeof statuses)[number]

/** OpenTelemetry's span kind: the role of a span in a remote call. */
export const otelKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
export type OtelKind = (typeof otelKinds)[number]

/** The instrumentation scope that produced a span (OTLP `InstrumentationScope`, with its schema URL). */
export type Scope = {
  readonly name?: string
  readonly version?: string
  readonly attributes?: JsonObject
  readonly droppedAttributesCount?: number
  readonly schemaUrl?: string
}

/** The entity that produced a span (OTLP `Resource`, with its schema URL). */
export type Resource = {
  readonly attributes?: JsonObject
  readonly droppedAttributesCount?: number
  readonly schemaUrl?: string
}

/** A pointer from a span to another one, perhaps in another trace (OTLP `Span.Link`). */
export type SpanLink = {
  readonly traceId: string
  readonly spanId: string
  readonly traceState?: string
  readonly attributes?: JsonObject
  readonly droppedAttributesCount?: number
  readonly flags?: number
}

/** How many items the producer dropped before sending (OTLP `dropped_*_count`). */
export type DroppedCounts = { readonly attributes?: number; readonly events?: number; readonly links?: number }

/** Which received attributes were moved to `input` and `output`. */
export type ContentKeys = { readonly input?: string; readonly output?: string }

/**
 * What plain JSON cannot tell about a row's values: a JSON pointer into the row (`/attributes/a.b`) and the type that
 * the value had. `double`: an integral double; `int`: a 64-bit integer kept as a decimal string; `bytes`: base64;
 * `empty`: a value that was present without content; `nan`, `infinity`, `-infinity`, `-0`: doubles that JSON has not.
 */
export type AttributeTypes = {
  readonly [pointer: string]: 'double' | 'int' | 'bytes' | 'empty' | 'nan' | 'infinity' | '-infinity' | '-0'
}
