import type { SpanRow, TraceRow } from '../../../schema/tables.ts'
import { microsFromIso } from '../../../schema/time.ts'
import type { AgentTrace, TraceStep } from './document.ts'

/** The columns of a span that a step is made of. */
type StepColumns = Pick<
  SpanRow,
  | 'spanId'
  | 'parentSpanId'
  | 'kind'
  | 'name'
  | 'status'
  | 'statusMessage'
  | 'errorType'
  | 'startTime'
  | 'durationMs'
  | 'sequence'
  | 'model'
  | 'inputTokens'
  | 'outputTokens'
  | 'costUsd'
  | 'toolName'
  | 'input'
  | 'output'
>

/** A stored trace with its spans, as far as a trace of steps is made of it. */
export interface StoredTrace extends Pick<TraceRow, 'traceId' | 'startTime' | 'parentRunId' | 'metadata'> {
  readonly spans: readonly StepColumns[]
}

/** A trace of any source as a trace of steps: its spans without the root, in order of start. */
export function agentTraceOfRows(trace: StoredTrace): AgentTrace {
  const ids = new Set(trace.spans.map(({ spanId }) => spanId))
  const root = trace.spans.find(({ parentSpanId }) => parentSpanId === null || !ids.has(parentSpanId))
  const steps = trace.spans.filter((span) => span !== root).map(stepOf)
  return {
    run_id: trace.traceId,
    start_time: microsFromIso(trace.startTime) / 1e6,
    ...(trace.parentRunId !== null && { parent_run_id: trace.parentRunId }),
    ...(trace.metadata !== null && { metadata: trace.metadata as Record<string, unknown> }),
    steps,
  }
}

const types: ReadonlyMap<string, string> = new Map([
  ['llm', 'llm_call'],
  ['tool', 'tool_execution'],
  ['mcp', 'tool_execution'],
  ['guardrail', 'guardrail'],
])

function stepOf(span: StepColumns, i: number): TraceStep {
  const isTool = span.kind === 'tool' || span.kind === 'mcp'
  const members = {
    tool_name: span.toolName,
    tool_args: isTool ? span.input : null,
    tool_result: isTool ? asText(span.output) : null,
    model: span.model,
    prompt_tokens: span.inputTokens,
    completion_tokens: span.outputTokens,
    cost_usd: span.costUsd,
    error: span.status === 'error' ? (span.statusMessage ?? span.errorType ?? 'error') : null,
    summary: isTool ? null : asText(span.output),
    node_name: isTool || span.kind === 'llm' ? null : span.name,
  }
  const present = Object.entries(members).filter(([, value]) => value !== null && value !== undefined)
  return {
    type: types.get(span.kind) ?? span.kind,
    timestamp: microsFromIso(span.startTime) / 1e6,
    duration_ms: span.durationMs ?? 0,
    ...Object.fromEntries(present),
    step_number: span.sequence ?? i,
  }
}

const asText = (value: unknown) => (value === null || typeof value === 'string' ? value : JSON.stringify(value))
