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
  /** Which attributes identify and which describe the entity (OTLP `EntityRef`), as received. */
  readonly entityRefs?: readonly JsonObject[]
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

/**
 * Which received attributes were moved to `input` and `output`: one is the value itself, several are a list of their
 * values in this order. What is `composed` was put together of numbered attributes or of events, which stay there too.
 */
export type ContentKeys = {
  readonly input?: string | readonly string[]
  readonly output?: string | readonly string[]
  readonly composed?: readonly ('input' | 'output')[]
}

/**
 * What plain JSON cannot tell about a row's values: a JSON pointer into the row (`/attributes/a.b`) and the type that
 * the value had. `double`: an integral double; `int`: a 64-bit integer kept as a decimal string; `bytes`: base64;
 * `empty`: a value that was present without content, or a status, a message or a time that was not sent; `nan`, `infinity`, `-infinity`, `-0`: doubles that JSON has not.
 */
export type AttributeTypes = {
  readonly [pointer: string]: 'double' | 'int' | 'bytes' | 'empty' | 'nan' | 'infinity' | '-infinity' | '-0'
}

/** What a result is: the verdict of a test, or an evaluation of what an agent did. */
export const resultKinds = ['test', 'evaluation'] as const
export type ResultKind = (typeof resultKinds)[number]

/** How a test or an evaluation ended. `failed`, `error` and `timeout` count as failing, `passed` as passing. */
export const resultStatuses = ['pending', 'running', 'passed', 'failed', 'error', 'skipped', 'timeout'] as const
export type ResultStatus = (typeof resultStatuses)[number]

/** What one evaluator said of a result. */
export type Evaluation = {
  readonly id?: string
  readonly evaluator: string
  readonly verdict?: 'pass' | 'fail' | 'partial' | 'error'
  readonly score?: number
  readonly reason?: string
  readonly metadata?: JsonObject
  readonly createdAt?: string
}

/** One assertion of a test. */
export type Assertion = {
  readonly type: string
  readonly passed: boolean
  readonly expected?: Json
  readonly actual?: Json
  readonly message?: string
}

/** OpenTelemetry's shapes of a metric; a counter that may go down has `isMonotonic: false`. */
export const metricTypes = ['counter', 'gauge', 'histogram', 'summary'] as const
export type MetricType = (typeof metricTypes)[number]

/** What a metric is about, whatever its shape. */
export const metricCategories = ['latency', 'cost', 'tokens', 'score', 'count', 'rate'] as const
export type MetricCategory = (typeof metricCategories)[number]

/** Whether a counter's or histogram's point covers the time since the one before, or since the start. */
export const temporalities = ['unspecified', 'delta', 'cumulative'] as const
export type Temporality = (typeof temporalities)[number]

/** Counts of an exponential histogram: bucket `i` is of values in (base^(offset + i), base^(offset + i + 1)]. */
export type ExponentialCounts = { readonly offset: number; readonly counts: readonly number[] }

/** A histogram's buckets: explicit ones, of values up to each bound and one above the last, or exponential ones. */
export type Buckets =
  | { readonly bounds: readonly number[]; readonly counts: readonly number[] }
  | {
      /** base = 2^(2^-scale) */
      readonly scale: number
      readonly zeroCount: number
      readonly zeroThreshold?: number
      readonly positive?: ExponentialCounts
      readonly negative?: ExponentialCounts
    }

/** A quantile (0 to 1) of a summary, and its value; null where nothing was measured. */
export type Quantile = { readonly quantile: number; readonly value: number | null }

/** A measurement that stands for others, and the span in which it was made. */
export type Exemplar = {
  /** Microseconds are kept: `2026-11-20T10:03:00.123456Z`. */
  readonly time: string
  readonly value: number | string | null
  readonly traceId?: string
  readonly spanId?: string
  /** Attributes that the point does not have. */
  readonly attributes?: JsonObject
}
