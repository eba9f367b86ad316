import { microsOfSeconds, spanIdOf } from '../document-values.ts'
import { pythonFromMicros } from '../python-time.ts'
import type { AgentTrace, TraceStep } from '../selectools/document.ts'
import { totalDurationMs } from '../selectools/durations.ts'
import { agentprobeIn } from './agent-trace.ts'
import type { AgentprobeLlmCall, AgentprobeToolCall, AgentprobeTrace, AgentprobeTurn } from './trace-document.ts'

/**
 * A trace of steps as an agentprobe document: the one that it was made from if it is unchanged, else one of its model
 * and tool calls.
 */
export function agentprobeOf(trace: AgentTrace, savedMicros: number): AgentprobeTrace {
  // Derived members are no change: every exported line has them.
  const { total_duration_ms, step_count, ...own } = trace
  const kept = agentprobeIn(own)
  if (kept) return kept
  const turns: AgentprobeTurn[] = []
  const llm_calls: AgentprobeLlmCall[] = []
  const tool_calls: AgentprobeToolCall[] = []
  trace.steps.forEach((step, i) => {
    const timestamp = pythonFromMicros(microsOfSeconds(step.timestamp) ?? savedMicros)
    const turn_id = spanIdOf(trace.run_id, 'turn', String(i))
    if (step.type === 'llm_call') {
      const llm_call = llmCall(step, { call_id: spanIdOf(trace.run_id, String(i)), timestamp })
      llm_calls.push(llm_call)
      turns.push({ turn_id, turn_type: 'llm_call', content: step.summary ?? '', llm_call, tool_call: null, timestamp })
    } else if (step.type === 'tool_execution') {
      const tool_call = toolCall(step, { call_id: spanIdOf(trace.run_id, String(i)), timestamp })
      tool_calls.push(tool_call)
      const content = typeof step.tool_result === 'string' ? step.tool_result : ''
      turns.push({ turn_id, turn_type: 'tool_call', content, llm_call: null, tool_call, timestamp })
    }
  })
  const sum = (key: 'input_tokens' | 'output_tokens') =>
    llm_calls.reduce((total, call) => total + Number(call[key] ?? 0), 0)
  const agentName = trace.metadata?.agent_name
  return {
    trace_id: trace.run_id,
    agent_name: typeof agentName === 'string' ? agentName : 'agent',
    model: llm_calls[0]?.model ?? null,
    input_text: '',
    output_text: llm_calls.at(-1)?.output_text ?? '',
    turns,
    llm_calls,
    tool_calls,
    total_input_tokens: sum('input_tokens'),
    total_output_tokens: sum('output_tokens'),
    total_latency_ms: Math.round(totalDurationMs(trace)),
    tags: [],
    metadata: trace.metadata ?? {},
    created_at: pythonFromMicros(savedMicros),
  }
}

/** A finite number of a step, as agentprobe has it. One above 2^53 is a bigint at run time. */
function finite(value: unknown): number {
  const number = Number(value ?? 0)
  return Number.isFinite(number) ? number : 0
}

type CallHead = { call_id: string; timestamp: string }

const llmCall = (step: TraceStep, { call_id, timestamp }: CallHead): AgentprobeLlmCall => ({
  call_id,
  model: step.model ?? '',
  input_tokens: finite(step.prompt_tokens),
  output_tokens: finite(step.completion_tokens),
  input_text: '',
  output_text: step.summary ?? '',
  latency_ms: Math.round(finite(step.duration_ms)),
  metadata: {},
  timestamp,
})

const toolCall = (step: TraceStep, { call_id, timestamp }: CallHead): AgentprobeToolCall => ({
  call_id,
  tool_name: step.tool_name ?? '',
  tool_input: (step.tool_args ?? {}) as Record<string, unknown>,
  tool_output: step.tool_result ?? null,
  success: !step.error,
  error: step.error ?? null,
  latency_ms: Math.round(finite(step.duration_ms)),
  timestamp,
})
