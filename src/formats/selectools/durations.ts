import type { AgentTrace } from './document.ts'

/**
 * The sum of the durations of a trace's steps, in milliseconds; not wall time. Negative and infinite
 * durations do not count, and the sum is at most the largest number.
 */
export const totalDurationMs = (trace: AgentTrace): number => durationMs(trace)

/** The milliseconds that a trace's model calls took together. */
export const llmDurationMs = (trace: AgentTrace): number => durationMs(trace, 'llm_call')

/** The milliseconds that a trace's tool calls took together. */
export const toolDurationMs = (trace: AgentTrace): number => durationMs(trace, 'tool_execution')

function durationMs({ steps }: AgentTrace, type?: string): number {
  let sum = 0
  for (const step of steps) {
    const duration = Number(step.duration_ms ?? 0)
    if ((type === undefined || step.type === type) && duration > 0 && duration < Number.POSITIVE_INFINITY)
      sum += duration
  }
  return Math.min(sum, Number.MAX_VALUE)
}
