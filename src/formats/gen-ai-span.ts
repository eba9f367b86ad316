import { randomUUID } from 'node:crypto'
import type { Json, JsonObject, Scope } from '../../schema/values.ts'
import { jsonOf } from '../text/json-of.ts'
import { spanRecord } from './otlp/span-record.ts'
import { noteReading, type ReadResult } from './read-result.ts'

/** A span of an SDK that has tracing of its own, in the words of OpenTelemetry's GenAI conventions. */
export interface GenAiSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly name: string
  /** Microseconds since 1970. */
  readonly startMicros: number
  /** Null while the span runs. */
  readonly endMicros: number | null
  /** What went wrong; undefined where nothing did. */
  readonly error?: GenAiError | undefined
  /** By the names of the conventions; undefined and null are left out. Values may be anything that has a JSON form. */
  readonly attributes: Readonly<Record<string, unknown>>
}

/** What went wrong in a span. */
export interface GenAiError {
  readonly message: string | null
  readonly type?: string | undefined
}

/** Usage as OpenTelemetry counts it: cached tokens inside input, reasoning tokens inside output. */
export interface GenAiUsage {
  readonly input?: unknown
  readonly output?: unknown
  readonly total?: unknown
  readonly cacheRead?: unknown
  readonly cacheWrite?: unknown
  readonly reasoning?: unknown
}

/** Adds a span, read as one that came over OTLP: by the same profile, with the same columns. */
export function addGenAiSpan(result: ReadResult, span: GenAiSpan, scope: Scope): void {
  const { error } = span
  const { record, trace, unread } = spanRecord(
    {
      traceId: span.traceId,
      spanId: span.spanId,
      parentSpanId: span.parentSpanId,
      name: span.name,
      startMicros: span.startMicros,
      // Clocks of one process that are read apart.
      endMicros: span.endMicros === null ? null : Math.max(span.startMicros, span.endMicros),
      status: error ? 'error' : 'unset',
      statusMessage: error?.message ?? null,
      otelKind: 'internal',
      traceState: null,
      flags: null,
      dropped: null,
      links: null,
      attributes: attributesOf({ ...span.attributes, 'error.type': error?.type }),
      types: null,
      events: [],
    },
    { resource: null, scope },
  )
  result.spans.push(span.endMicros === null ? { ...record, status: 'running' } : record)
  if (trace !== undefined) result.traces.push(trace)
  noteReading(result, scope, record.reader, unread)
}

/** The name of a span: what is done, and by what, where that is told. */
export const named = (verb: string, name: unknown): string =>
  typeof name === 'string' && name !== '' ? `${verb} ${name}` : verb

/** The attributes of usage. */
export const usageAttributes = ({ input, output, total, cacheRead, cacheWrite, reasoning }: GenAiUsage) => ({
  'gen_ai.usage.input_tokens': input,
  'gen_ai.usage.output_tokens': output,
  'gen_ai.usage.total_tokens': total,
  'gen_ai.usage.cache_read.input_tokens': cacheRead,
  'gen_ai.usage.cache_creation.input_tokens': cacheWrite,
  'gen_ai.usage.reasoning.output_tokens': reasoning,
})

function attributesOf(given: Readonly<Record<string, unknown>>): JsonObject {
  const attributes: Record<string, Json> = {}
  for (const [name, value] of Object.entries(given)) {
    const json = jsonOf(value)
    if (json !== undefined && json !== null) attributes[name] = json
  }
  return attributes
}

/** Random ids as OpenTelemetry has them; a UUID comes from a pool, where `randomBytes` asks the system each time. */
export const newTraceId = (): string => randomUUID().replaceAll('-', '')
export const newSpanId = (): string => randomUUID().slice(19).replace('-', '')
