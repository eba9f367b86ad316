import type { JsonObject, SpanKind, Status } from '../../../schema/values.ts'
import { Micros } from '../../rows/micros.ts'
import type { RunRecord, SpanRecord } from '../../rows/records.ts'
import {
  columnsOfMetadata,
  costOf,
  countOf,
  durationOf,
  endOf,
  idOf,
  jsonOf,
  metadataColumn,
  microsOfSeconds,
  positionOf,
  spanIdOf,
  textOf,
  totalOf,
  withoutNulls,
} from '../document-values.ts'
import { sourceOf, toColumn } from '../stored-document.ts'
import type { AgentTrace, TraceStep } from './document.ts'

const kinds: ReadonlyMap<string, SpanKind> = new Map([
  ['llm_call', 'llm'],
  ['tool_execution', 'tool'],
  ['guardrail', 'guardrail'],
  ['output_screening', 'guardrail'],
  ['coherence_check', 'evaluation'],
])

const operations: ReadonlyMap<string, string> = new Map([
  ['llm_call', 'chat'],
  ['tool_execution', 'execute_tool'],
])

/** The status of a step, for types that decide it. */
const statuses: ReadonlyMap<string, Status> = new Map([
  ['error', 'error'],
  ['budget_exceeded', 'budget_exceeded'],
  ['cancelled', 'cancelled'],
])

/** Members of a step that become columns or child spans. */
const lifted = new Set(['timestamp', 'duration_ms', 'tool_args', 'tool_result', 'summary', 'children'])

/** What is known of a saved trace beside its document. */
export interface SavedAs {
  /** When it was saved, in microseconds since 1970. */
  readonly savedMicros: number
  readonly totalMs: number
  /** The exact text of its line. */
  readonly line: string
}

/**
 * The rows of a trace: a root span of the run, and one span for each step, nested steps below theirs. `sequence` is the
 * step's number, else its index.
 */
export function runOfTrace(trace: AgentTrace, { savedMicros, totalMs, line }: SavedAs): RunRecord {
  const builder = new RunBuilder(trace, savedMicros)
  const spans = builder.spans()
  const { metadata, isAwkward } = metadataColumn(trace.metadata)
  return {
    trace: {
      traceId: trace.run_id,
      ...columnsOfMetadata(trace.metadata),
      parentRunId: idOf(trace.parent_run_id),
      startTime: new Micros(builder.start),
      endTime: new Micros(builder.end),
      stepCount: trace.steps.length,
      stepsDurationMs: totalOf(totalMs),
      status: builder.status,
      metadata,
      createdAt: new Micros(savedMicros),
      document: toColumn({ format: 'selectools', text: line, isAwkward: isAwkward || totalOf(totalMs) !== totalMs }),
    },
    spans,
  }
}

class RunBuilder {
  readonly start: number
  end: number
  readonly #trace: AgentTrace
  readonly #rootId: string
  readonly #steps: SpanRecord[] = []

  constructor(trace: AgentTrace, savedMicros: number) {
    this.#trace = trace
    this.#rootId = spanIdOf(trace.run_id)
    this.start = microsOfSeconds(trace.start_time) ?? microsOfSeconds(trace.steps[0]?.timestamp) ?? savedMicros
    this.end = this.start
    this.#add(trace.steps, [], this.#rootId)
  }

  /** The run's status: the worst of its steps. */
  get status(): Status {
    const found = new Set(this.#steps.map(({ status }) => status))
    return (['error', 'budget_exceeded', 'cancelled'] as const).find((status) => found.has(status)) ?? 'ok'
  }

  spans(): SpanRecord[] {
    const { agentName } = columnsOfMetadata(this.#trace.metadata)
    const root: SpanRecord = {
      traceId: this.#trace.run_id,
      spanId: this.#rootId,
      name: agentName ?? 'run',
      kind: 'agent',
      operation: 'invoke_agent',
      agentName,
      status: this.status,
      startTime: new Micros(this.start),
      endTime: new Micros(this.end),
      attributes: withoutNulls({ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': agentName }),
      scope: { name: sourceOf('selectools') },
    }
    return [root, ...this.#steps]
  }

  #add(steps: readonly TraceStep[], path: readonly string[], parent: string): void {
    let last = this.start
    steps.forEach((step, i) => {
      const start = microsOfSeconds(step.timestamp) ?? last
      last = start
      const end = endOf(start, step.duration_ms)
      this.end = Math.max(this.end, end)
      const stepPath = [...path, String(i)]
      const spanId = spanIdOf(this.#trace.run_id, ...stepPath)
      this.#steps.push(this.#span(step, { spanId, parent, start, end }))
      this.#add(step.children ?? [], stepPath, spanId)
    })
  }

  #span(step: TraceStep, at: { spanId: string; parent: string; start: number; end: number }): SpanRecord {
    const kind = kinds.get(step.type) ?? 'step'
    const isTool = kind === 'tool'
    const content = isTool ? { input: step.tool_args, output: step.tool_result } : { input: null, output: step.summary }
    return {
      traceId: this.#trace.run_id,
      spanId: at.spanId,
      parentSpanId: at.parent,
      name: nameOf(step),
      kind,
      operation: operations.get(step.type) ?? null,
      status: statuses.get(step.type) ?? (step.error ? 'error' : 'ok'),
      statusMessage: textOf(step.error),
      startTime: new Micros(at.start),
      endTime: new Micros(at.end),
      durationMs: durationOf(step.duration_ms),
      sequence: positionOf(step.step_number) ?? this.#steps.length,
      model: textOf(step.model),
      requestModel: textOf(step.model),
      inputTokens: countOf(step.prompt_tokens),
      outputTokens: countOf(step.completion_tokens),
      costUsd: costOf(step.cost_usd),
      toolName: textOf(step.tool_name),
      input: jsonOf(content.input),
      output: jsonOf(content.output),
      attributes: attributesOf(step),
      scope: { name: sourceOf('selectools') },
    }
  }
}

function nameOf({ type, model, tool_name, node_name }: TraceStep): string {
  const about = type === 'llm_call' ? model : (tool_name ?? node_name)
  return [operations.get(type) ?? type, about].filter(Boolean).join(' ')
}

/** Members of a step under their OpenTelemetry names where they have one, else under their own. */
function attributesOf(step: TraceStep): JsonObject {
  const { type, model, prompt_tokens, completion_tokens, tool_name, ...rest } = step
  const others = Object.entries(rest).filter(([key]) => !lifted.has(key))
  return withoutNulls({
    'gen_ai.operation.name': operations.get(type),
    'gen_ai.request.model': model,
    'gen_ai.usage.input_tokens': countOf(prompt_tokens),
    'gen_ai.usage.output_tokens': countOf(completion_tokens),
    'gen_ai.tool.name': tool_name,
    'selectools.step.type': type,
    ...Object.fromEntries(others.map(([key, value]) => [`selectools.step.${key}`, value])),
  })
}
