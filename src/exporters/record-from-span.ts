import { microsFromIso } from '../../schema/time.ts'
import type { Json, JsonObject, SpanKind, Status } from '../../schema/values.ts'
import { ValidationError } from '../errors.ts'
import type { Span } from '../repositories/span-rows.ts'
import type { Trace } from '../repositories/trace-rows.ts'
import type { Instant, NewSpan } from '../rows/records.ts'
import type { AgentRecord, RecordKind, RecordLlm, RecordStatus } from './record.ts'
import { liftedAttributes } from './record-metadata.ts'

/** What a record says beside its span. */
export interface RecordFromSpanOptions {
  /** The run that the span belongs to. @default the trace's id */
  runId?: string | undefined
  parentRunId?: string | null | undefined
  /** What the trace says of itself; it is among the metadata of every record. An attribute of the span wins. */
  metadata?: JsonObject | null | undefined
}

const kinds: Readonly<Partial<Record<SpanKind, RecordKind>>> = {
  workflow: 'workflow',
  agent: 'agent',
  llm: 'llm',
  tool: 'tool',
  mcp: 'mcp',
}

/**
 * A span as a record. Tokens are counted as records count them: cached ones are taken out of the input and reasoning out
 * of the output; the total stays. A kind that records do not know is a step.
 *
 * @throws ValidationError for a time that spans do not have
 */
export function recordFromSpan(span: Span | NewSpan, options: RecordFromSpanOptions = {}): AgentRecord {
  const { runId = span.traceId, parentRunId, metadata } = options
  const { kind = 'other', agentName, toolName, mcpMethod, errorType } = span
  return {
    kind: kinds[kind] ?? 'step',
    runId,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: kind === 'agent' ? (agentName ?? span.name) : span.name,
    status: statusOf(span.status ?? 'unset'),
    startUnixNanos: nanosOf('startTime', span.startTime),
    endUnixNanos: span.endTime == null ? null : nanosOf('endTime', span.endTime),
    attributes: {
      ...metadata,
      ...workflow(span),
      ...span.attributes,
      ...content(span),
      [liftedAttributes.agentVersion]: span.agentVersion,
      [liftedAttributes.parentRunId]: parentRunId,
      [liftedAttributes.contextId]: span.sessionId,
    },
    llm: llmOf(span),
    tool: toolName != null && mcpMethod == null ? { name: toolName } : null,
    mcp: mcpMethod == null ? null : { server: span.mcpServer ?? '', method: mcpMethod, tool: toolName },
    error: errorType == null ? null : { errorType },
  }
}

/** OpenTelemetry leaves the status of what went well unset. */
const statusOf = (status: Status): RecordStatus => (status === 'unset' ? 'ok' : status)

function nanosOf(field: string, instant: Instant): bigint {
  // A date that is none is null in JSON.
  const iso = typeof instant === 'string' ? instant : String(instant.toJSON())
  const micros = microsFromIso(iso)
  if (Number.isNaN(micros)) {
    const message = 'must be a Date or ISO-8601 in UTC (2026-11-20T10:03:00.123456Z), from 1970'
    throw new ValidationError('Invalid span', [{ field, message }])
  }
  const nanoseconds = Number(/\.\d{6}(\d{1,3})Z$/.exec(iso)?.[1]?.padEnd(3, '0') ?? 0)
  return BigInt(micros) * 1000n + BigInt(nanoseconds)
}

function llmOf(span: Span | NewSpan): RecordLlm | null {
  const { provider, model, requestModel, costUsd } = span
  const counts = [span.inputTokens, span.outputTokens, span.totalTokens]
  if ([provider, model, requestModel, costUsd, ...counts].every((value) => value == null)) return null
  const [cacheRead, cacheCreation, reasoning] = [
    span.cacheReadTokens ?? 0,
    span.cacheCreationTokens ?? 0,
    span.reasoningTokens ?? 0,
  ]
  return {
    provider: provider ?? '',
    requestModel: requestModel ?? model ?? '',
    responseModel: model,
    costUsd,
    usage: counts.every((value) => value == null)
      ? null
      : {
          input: Math.max(0, (span.inputTokens ?? 0) - cacheRead - cacheCreation),
          output: Math.max(0, (span.outputTokens ?? 0) - reasoning),
          cacheRead,
          cacheCreation,
          reasoning,
          total: span.totalTokens ?? undefined,
        },
  }
}

/** Under the names that the source gave it, where they are known: the exporter leaves content out by its name. */
const content = ({ input, output, contentKeys }: Span | NewSpan) => ({
  ...(input != null && named(contentKeys?.input ?? 'input.value', input)),
  ...(output != null && named(contentKeys?.output ?? 'output.value', output)),
})

/** Several names are those of the items of a list. */
function named(names: string | readonly string[], value: Json): Record<string, Json> {
  if (typeof names === 'string') return { [names]: value }
  const items: readonly Json[] = Array.isArray(value) ? value : []
  return Object.fromEntries(names.map((name, i) => [name, items[i] ?? null]))
}

/** For sums by workflow, which name no column: they group by this member of the metadata. */
const workflow = ({ workflowName }: Span | NewSpan) => (workflowName == null ? {} : { workflow: workflowName })

/** A trace with its spans as records, each with the trace's metadata. */
export function recordsFromTrace({ spans, runId, parentRunId, metadata }: Trace): AgentRecord[] {
  return spans.map((span) => recordFromSpan(span, { runId: runId ?? span.traceId, parentRunId, metadata }))
}
