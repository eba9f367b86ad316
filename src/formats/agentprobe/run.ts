import { isInstantMicros, Micros } from '../../rows/micros.ts'
import type { RunRecord, SpanRecord } from '../../rows/records.ts'
import {
  columnsOfMetadata,
  countOf,
  durationOf,
  endOf,
  idOf,
  jsonOf,
  metadataColumn,
  spanIdOf,
  textOf,
  withoutNulls,
} from '../document-values.ts'
import { microsFromPython } from '../python-time.ts'
import { sourceOf } from '../stored-document.ts'
import { documentColumn } from './document-column.ts'
import type { AgentprobeLlmCall, AgentprobeToolCall, AgentprobeTrace } from './trace-document.ts'

/** Every call of a trace once, by time: those of its lists, and those that only a turn has. */
export function callsOf(trace: AgentprobeTrace): Call[] {
  const llm = new Map<string, AgentprobeLlmCall>()
  const tool = new Map<string, AgentprobeToolCall>()
  for (const call of trace.llm_calls ?? []) llm.set(call.call_id, call)
  for (const call of trace.tool_calls ?? []) tool.set(call.call_id, call)
  for (const { llm_call: llmCall, tool_call: toolCall } of trace.turns ?? []) {
    if (llmCall && !llm.has(llmCall.call_id)) llm.set(llmCall.call_id, llmCall)
    if (toolCall && !tool.has(toolCall.call_id)) tool.set(toolCall.call_id, toolCall)
  }
  const first = microsOf(trace.created_at) ?? 0
  const timed = (call: AgentprobeLlmCall | AgentprobeToolCall) => microsOf(call.timestamp) ?? first
  return [
    ...Array.from(llm.values(), (call): Call => ({ kind: 'llm', call, startMicros: timed(call) })),
    ...Array.from(tool.values(), (call): Call => ({ kind: 'tool', call, startMicros: timed(call) })),
  ].sort((a, b) => a.startMicros - b.startMicros)
}

/** A call, and when it began in microseconds since 1970. */
export type Call = { readonly startMicros: number } & (
  | { readonly kind: 'llm'; readonly call: AgentprobeLlmCall }
  | { readonly kind: 'tool'; readonly call: AgentprobeToolCall }
)

/** Microseconds since 1970 of an instant in a document, where rows can hold it. */
export function microsOf(value: unknown): number | undefined {
  const micros = typeof value === 'string' ? microsFromPython(value) : Number.NaN
  return isInstantMicros(micros) ? micros : undefined
}

/**
 * The rows of a trace document: a root span of the agent, and one span for each call. Totals that the document reports
 * are the trace's own.
 *
 * @param text the exact text of the document
 * @throws FormatError when it is nested too deeply
 */
export function runOfAgentprobe(trace: AgentprobeTrace, text: string, savedMicros: number): RunRecord {
  const calls = callsOf(trace)
  const createdMicros = microsOf(trace.created_at) ?? savedMicros
  const start = calls[0]?.startMicros ?? createdMicros
  const rootId = spanIdOf(trace.trace_id)
  const ends = calls.map(({ startMicros, call }) => endOf(startMicros, call.latency_ms))
  const end = ends.reduce((a, b) => Math.max(a, b), endOf(start, calls.length > 0 ? 0 : trace.total_latency_ms))
  const { metadata, isAwkward } = metadataColumn(trace.metadata)
  const root: SpanRecord = {
    traceId: trace.trace_id,
    spanId: rootId,
    name: trace.agent_name || 'run',
    kind: 'agent',
    operation: 'invoke_agent',
    agentName: trace.agent_name,
    model: textOf(trace.model),
    status: 'ok',
    startTime: new Micros(start),
    endTime: new Micros(end),
    input: textOf(trace.input_text),
    output: textOf(trace.output_text),
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': trace.agent_name },
    scope: { name: sourceOf('agentprobe') },
  }
  return {
    trace: {
      traceId: trace.trace_id,
      ...columnsOfMetadata(trace.metadata),
      name: trace.agent_name,
      agentName: trace.agent_name,
      model: textOf(trace.model),
      startTime: new Micros(start),
      endTime: new Micros(end),
      durationMs: durationOf(trace.total_latency_ms),
      inputTokens: countOf(trace.total_input_tokens),
      outputTokens: countOf(trace.total_output_tokens),
      stepCount: calls.length,
      tags: trace.tags ?? [],
      metadata,
      input: textOf(trace.input_text),
      output: textOf(trace.output_text),
      createdAt: new Micros(createdMicros),
      document: documentColumn(text, isAwkward),
    },
    spans: [root, ...calls.map((call, sequence) => spanOf(trace, call, { parentSpanId: rootId, sequence }))],
  }
}

function spanOf(trace: AgentprobeTrace, call: Call, position: { parentSpanId: string; sequence: number }): SpanRecord {
  return {
    traceId: trace.trace_id,
    spanId: spanIdOf(trace.trace_id, call.kind, call.call.call_id),
    ...position,
    startTime: new Micros(call.startMicros),
    endTime: new Micros(endOf(call.startMicros, call.call.latency_ms)),
    durationMs: durationOf(call.call.latency_ms),
    scope: { name: sourceOf('agentprobe') },
    ...(call.kind === 'llm' ? llmColumns(call.call) : toolColumns(call.call)),
  }
}

function llmColumns(call: AgentprobeLlmCall) {
  return {
    name: `chat ${call.model}`.trim(),
    kind: 'llm' as const,
    operation: 'chat',
    status: 'ok' as const,
    model: call.model,
    requestModel: call.model,
    inputTokens: countOf(call.input_tokens),
    outputTokens: countOf(call.output_tokens),
    input: textOf(call.input_text),
    output: textOf(call.output_text),
    attributes: withoutNulls({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': call.model,
      'gen_ai.usage.input_tokens': countOf(call.input_tokens),
      'gen_ai.usage.output_tokens': countOf(call.output_tokens),
      'agentprobe.call_id': call.call_id,
      'agentprobe.metadata': call.metadata,
    }),
  }
}

function toolColumns(call: AgentprobeToolCall) {
  const failed = call.success === false || Boolean(call.error)
  return {
    name: `execute_tool ${call.tool_name}`.trim(),
    kind: 'tool' as const,
    operation: 'execute_tool',
    status: failed ? ('error' as const) : ('ok' as const),
    statusMessage: textOf(call.error),
    toolName: call.tool_name,
    toolCallId: idOf(call.call_id),
    input: jsonOf(call.tool_input),
    output: jsonOf(call.tool_output),
    attributes: withoutNulls({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': call.tool_name,
      'gen_ai.tool.call.id': call.call_id,
    }),
  }
}
