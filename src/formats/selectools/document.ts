import { z } from 'zod'
import { readExact } from '../exact-json/read.ts'
import { type Layout, writeExact } from '../exact-json/write.ts'
import { schemaFaults } from '../schema-faults.ts'

/** The types of step that selectools knows; any other is kept as it is. */
export const stepTypes = [
  'llm_call',
  'tool_selection',
  'tool_execution',
  'cache_hit',
  'error',
  'structured_retry',
  'guardrail',
  'coherence_check',
  'output_screening',
  'session_load',
  'session_save',
  'memory_summarize',
  'entity_extraction',
  'kg_extraction',
  'budget_exceeded',
  'cancelled',
  'prompt_compressed',
  'graph_node_start',
  'graph_node_end',
  'graph_routing',
  'graph_checkpoint',
  'graph_interrupt',
  'graph_resume',
  'graph_parallel_start',
  'graph_parallel_end',
  'graph_stall',
  'graph_loop_detected',
] as const
export type StepType = (typeof stepTypes)[number]

/** What happened at one moment of a run. Members that are not named here are kept as well. */
export interface TraceStep {
  /** One of `stepTypes`, or a type of your own. */
  type: StepType | (string & {})
  /** When it began, in seconds since 1970. */
  timestamp?: number | undefined
  duration_ms?: number | undefined
  tool_name?: string | undefined
  tool_args?: unknown
  tool_result?: unknown
  model?: string | undefined
  prompt_tokens?: number | undefined
  completion_tokens?: number | undefined
  cost_usd?: number | undefined
  reasoning?: string | undefined
  error?: string | undefined
  summary?: string | undefined
  node_name?: string | undefined
  step_number?: number | undefined
  checkpoint_id?: string | undefined
  interrupt_key?: string | undefined
  from_node?: string | undefined
  to_node?: string | undefined
  children?: readonly TraceStep[] | undefined
  [member: string]: unknown
}

/** One run of an agent. Members that are not named here are kept as well. */
export interface AgentTrace {
  run_id: string
  /** When it began, in seconds since 1970. */
  start_time: number
  parent_run_id?: string | undefined
  metadata?: Record<string, unknown> | undefined
  steps: readonly TraceStep[]
  [member: string]: unknown
}

/** A saved trace as a line of a JSONL file holds it. */
export interface TraceLine {
  run_id: string
  /** The number of steps. */
  steps: number
  /** The sum of the durations of the steps, in milliseconds. */
  total_ms: number
  /** When it was saved: `2026-03-27T10:00:00.123456+00:00`, the fraction only where there is one. */
  created_at: string
  metadata: Record<string, unknown>
  trace: AgentTrace
}

// Integers that a float cannot hold arrive as bigint. Members may be null: Python's None.
const number = z.union([z.number(), z.bigint(), z.nan(), z.literal(Number.POSITIVE_INFINITY)]).nullish()
const text = z.string().nullish()
const record = z.looseObject({})

const stepSchema = z.looseObject({
  type: z.string(),
  timestamp: number,
  duration_ms: number,
  tool_name: text,
  model: text,
  prompt_tokens: number,
  completion_tokens: number,
  cost_usd: number,
  reasoning: text,
  error: text,
  summary: text,
  node_name: text,
  step_number: number,
  checkpoint_id: text,
  interrupt_key: text,
  from_node: text,
  to_node: text,
  get children() {
    return z.array(stepSchema).nullish()
  },
})

const traceSchema = z.looseObject({
  run_id: z.string().min(1),
  start_time: z.union([z.number(), z.bigint()]),
  parent_run_id: text,
  metadata: record.nullish(),
  steps: z.array(stepSchema),
})

const lineSchema = z.looseObject({ run_id: z.string().min(1), created_at: z.string().nullish(), trace: traceSchema })

/** What is wrong with a trace document, by path; nothing when it can be saved. */
export const traceFaults = (value: unknown) => schemaFaults(traceSchema, value)

/** What is wrong with a line, by path. */
export const lineFaults = (value: unknown) => schemaFaults(lineSchema, value)

const stepMembers: Record<string, Layout> = {}
const stepLayout: Layout = {
  order: [
    'type',
    'timestamp',
    'duration_ms',
    'tool_name',
    'tool_args',
    'tool_result',
    'model',
    'prompt_tokens',
    'completion_tokens',
    'cost_usd',
    'reasoning',
    'error',
    'summary',
    'node_name',
    'step_number',
    'checkpoint_id',
    'interrupt_key',
    'from_node',
    'to_node',
    'children',
  ],
  floats: new Set(['timestamp', 'duration_ms', 'cost_usd']),
  integers: new Set(['prompt_tokens', 'completion_tokens', 'step_number']),
  members: stepMembers,
}
stepMembers.children = stepLayout

const traceLayout: Layout = {
  order: ['run_id', 'start_time', 'total_duration_ms', 'step_count', 'steps', 'parent_run_id', 'metadata'],
  floats: new Set(['start_time', 'total_duration_ms']),
  members: { steps: stepLayout },
}

const lineLayout: Layout = {
  order: ['run_id', 'steps', 'total_ms', 'created_at', 'metadata', 'trace'],
  floats: new Set(['total_ms']),
  members: { trace: traceLayout },
}

const integerFloats = /"(?:start_time|timestamp|duration_ms|cost_usd|total_duration_ms|total_ms)": ?-?\d+[,}\s]/

/**
 * A document of selectools, with its numbers as they were written.
 *
 * @throws FormatError when the text is no JSON
 */
export const readDocument = (text: string): unknown => readExact(text, integerFloats)

/** A trace as selectools writes it. @throws FormatError when it is nested too deeply */
export const writeTrace = (trace: AgentTrace): string => writeExact(trace, traceLayout)

/** A line as selectools writes it. @throws FormatError when it is nested too deeply */
export const writeLine = (line: TraceLine): string => writeExact(line, lineLayout)
