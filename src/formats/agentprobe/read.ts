import { microsFromIso } from '../../../schema/time.ts'
import { now } from '../../clock.ts'
import { emptyResult, type ReadResult } from '../read-result.ts'
import { isObject } from '../shape-error.ts'
import { runOfAgentprobe } from './run.ts'
import { type AgentprobeTrace, agentprobeTraceFaults, writeAgentprobeTrace } from './trace-document.ts'

/** Whether a document is a trace of agentprobe. */
export const isAgentprobeTrace = (document: unknown): boolean =>
  isObject(document) &&
  'trace_id' in document &&
  'agent_name' in document &&
  ['turns', 'llm_calls', 'tool_calls', 'input_text', 'output_text'].some((member) => member in document)

/** The run of a trace document of agentprobe. */
export function readAgentprobe(document: unknown, source?: string): ReadResult {
  const result = emptyResult()
  const faults = agentprobeTraceFaults(document)
  if (faults.length > 0) {
    result.rejected.push(...faults)
    return result
  }
  const trace = document as AgentprobeTrace
  const text = (source ?? writeAgentprobeTrace(trace)).trim()
  result.runs = [{ format: 'agentprobe', run: runOfAgentprobe(trace, text, microsFromIso(now())) }]
  return result
}
