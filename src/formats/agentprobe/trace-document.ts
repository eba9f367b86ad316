import { z } from 'zod'
import { readExact } from '../exact-json/read.ts'
import { type Layout, writeExact } from '../exact-json/write.ts'
import { invalidTrace, schemaFaults } from '../schema-faults.ts'

/** A call of a model. */
export interface AgentprobeLlmCall {
  call_id: string
  model: string
  input_tokens?: number | undefined
  output_tokens?: number | undefined
  input_text?: string | undefined
  output_text?: string | undefined
  latency_ms?: number | undefined
  metadata?: Record<string, unknown> | undefined
  /** When it began: ISO-8601. */
  timestamp?: string | undefined
  [member: string]: unknown
}

/** A call of a tool. */
export interface AgentprobeToolCall {
  call_id: string
  tool_name: string
  tool_input?: Record<string, unknown> | undefined
  tool_output?: unknown
  success?: boolean | undefined
  error?: string | null | undefined
  latency_ms?: number | undefined
  timestamp?: string | undefined
  [member: string]: unknown
}

/** One turn of a run. */
export interface AgentprobeTurn {
  turn_id: string
  turn_type: 'llm_call' | 'tool_call' | 'user_message' | 'agent_message' | (string & {})
  content?: string | undefined
  llm_call?: AgentprobeLlmCall | null | undefined
  tool_call?: AgentprobeToolCall | null | undefined
  timestamp?: string | undefined
  [member: string]: unknown
}

/** A run of an agent as agentprobe keeps it. Members that are not named here are kept as well. */
export interface AgentprobeTrace {
  trace_id: string
  agent_name: string
  model?: string | null | undefined
  input_text?: string | undefined
  output_text?: string | undefined
  turns?: readonly AgentprobeTurn[] | undefined
  llm_calls?: readonly AgentprobeLlmCall[] | undefined
  tool_calls?: readonly AgentprobeToolCall[] | undefined
  total_input_tokens?: number | undefined
  total_output_tokens?: number | undefined
  total_latency_ms?: number | undefined
  tags?: readonly string[] | undefined
  metadata?: Record<string, unknown> | undefined
  /** When it was saved first: ISO-8601. */
  created_at?: string | undefined
  [member: string]: unknown
}

const number = z.union([z.number(), z.bigint()]).nullish()
const text = z.string().nullish()
const record = z.looseObject({}).nullish()

const llmCall = z.looseObject({
  call_id: z.string(),
  model: z.string(),
  input_tokens: number,
  output_tokens: number,
  input_text: text,
  output_text: text,
  latency_ms: number,
  metadata: record,
  timestamp: text,
})

const toolCall = z.looseObject({
  call_id: z.string(),
  tool_name: z.string(),
  tool_input: record,
  success: z.boolean().nullish(),
  error: text,
  latency_ms: number,
  timestamp: text,
})

const turn = z.looseObject({
  turn_id: z.string(),
  turn_type: z.string(),
  content: text,
  llm_call: llmCall.nullish(),
  tool_call: toolCall.nullish(),
  timestamp: text,
})

const traceSchema = z.looseObject({
  trace_id: z.string().min(1),
  agent_name: z.string(),
  model: text,
  input_text: text,
  output_text: text,
  turns: z.array(turn).nullish(),
  llm_calls: z.array(llmCall).nullish(),
  tool_calls: z.array(toolCall).nullish(),
  total_input_tokens: number,
  total_output_tokens: number,
  total_latency_ms: number,
  tags: z.array(z.string()).nullish(),
  metadata: record,
  created_at: text,
})

/** What is wrong with a trace document, by path; nothing when it can be saved. */
export const agentprobeTraceFaults = (value: unknown) => schemaFaults(traceSchema, value)

/**
 * A checked trace document.
 *
 * @throws ValidationError that names every fault
 */
export function checkedAgentprobeTrace(value: unknown): AgentprobeTrace {
  const faults = agentprobeTraceFaults(value)
  if (faults.length === 0) return value as AgentprobeTrace
  throw invalidTrace(faults)
}

/** Members as they come, and whole numbers as integers: agentprobe counts in integers. */
const layout: Layout = { order: [], floats: new Set() }

/** A trace document from its exact text. @throws FormatError when the text is no JSON */
export const readAgentprobeTrace = (source: string): AgentprobeTrace => readExact(source) as AgentprobeTrace

/** A trace document as text. @throws FormatError when it is nested too deeply */
export const writeAgentprobeTrace = (trace: AgentprobeTrace): string => writeExact(trace, layout)
