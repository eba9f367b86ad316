import { type AgentTrace, type TraceStep, writeTrace } from '../selectools/document.ts'
import { fromLine } from '../selectools/saved-trace.ts'
import type { StoredDocument } from '../stored-document.ts'
import { callsOf, microsOf } from './run.ts'
import { type AgentprobeTrace, agentprobeTraceFaults, readAgentprobeTrace } from './trace-document.ts'

/** The member of a trace that holds the agentprobe document from which it was made. */
const member = 'agentprobe'

/**
 * An agentprobe document as a trace of steps, one for each call; the document itself is kept whole in the member
 * `agentprobe`.
 */
export function agentTraceOf(document: AgentprobeTrace): AgentTrace {
  const calls = callsOf(document)
  const steps = calls.map(({ kind, call, startMicros }, i): TraceStep => {
    const common = { timestamp: startMicros / 1e6, duration_ms: Number(call.latency_ms ?? 0), step_number: i }
    if (kind === 'llm') {
      const { model, output_text: summary } = call
      const prompt_tokens = numberIn(call.input_tokens)
      const completion_tokens = numberIn(call.output_tokens)
      return { type: 'llm_call', ...common, ...present({ model, prompt_tokens, completion_tokens, summary }) }
    }
    const { tool_name, tool_input: tool_args, tool_output: tool_result, error } = call
    return { type: 'tool_execution', ...common, ...present({ tool_name, tool_args, tool_result, error }) }
  })
  return {
    run_id: document.trace_id,
    start_time: (calls[0]?.startMicros ?? microsOf(document.created_at) ?? 0) / 1e6,
    ...(document.metadata && { metadata: document.metadata }),
    steps,
    [member]: document,
  }
}

/** The trace of steps in a stored document of either format. */
export const agentTraceIn = ({ format, text }: StoredDocument): AgentTrace =>
  format === 'selectools' ? fromLine(text).trace : agentTraceOf(readAgentprobeTrace(text))

/** Whether a trace holds an agentprobe document from which it may have been made. */
export const holdsAgentprobe = (trace: AgentTrace): boolean => trace[member] !== undefined

/** The agentprobe document from which a trace was made, if the trace still says what the document says and no more. */
export function agentprobeIn(trace: AgentTrace): AgentprobeTrace | undefined {
  if (!holdsAgentprobe(trace) || agentprobeTraceFaults(trace[member]).length > 0) return undefined
  const document = trace[member] as AgentprobeTrace
  // As texts, since 1 and 1.0 are two things to a document.
  return writeTrace(agentTraceOf(document)) === writeTrace(trace) ? document : undefined
}

/** A number as a step has it, where a document may have one above 2^53, which is a bigint at run time. */
const numberIn = (value: number | null | undefined) => (typeof value === 'bigint' ? Number(value) : value)

const present = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null))
