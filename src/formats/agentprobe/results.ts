import { microsFromIso } from '../../../schema/time.ts'
import type { Assertion, Evaluation, JsonObject, ResultStatus } from '../../../schema/values.ts'
import { resultStatuses } from '../../../schema/values.ts'
import { now } from '../../clock.ts'
import { maxIdLength } from '../../rows/limits.ts'
import { Micros } from '../../rows/micros.ts'
import type { ResultRecord } from '../../rows/records.ts'
import { durationOf, idOf, jsonOf, textOf, withoutNulls } from '../document-values.ts'
import { emptyResult, type ReadResult } from '../read-result.ts'
import { absent, isObject, readItems, requiredObject, requiredText, ShapeError, type Unknowns } from '../shape-error.ts'
import { documentColumn } from './document-column.ts'
import { microsOf, runOfAgentprobe } from './run.ts'
import { type AgentprobeTrace, agentprobeTraceFaults, writeAgentprobeTrace } from './trace-document.ts'

/** Whether a document is a test result of agentprobe. */
export const isAgentprobeResult = (document: unknown): boolean =>
  isObject(document) && 'result_id' in document && 'test_name' in document

/** The result in a document of agentprobe, and the run that it embeds. */
export function readAgentprobeResult(document: unknown, source?: string): ReadResult {
  const result = emptyResult()
  try {
    const given = requiredObject(document, '')
    result.results.push(resultOfAgentprobe(given, source ?? JSON.stringify(given)))
    if (!absent(given.trace)) {
      const faults = agentprobeTraceFaults(given.trace)
      for (const { path, reason } of faults) result.rejected.push({ path: path ? `trace.${path}` : 'trace', reason })
      if (faults.length === 0) {
        const trace = given.trace as AgentprobeTrace
        const run = runOfAgentprobe(trace, writeAgentprobeTrace(trace), microsFromIso(now()))
        result.runs = [{ format: 'agentprobe', run }]
      }
    }
  } catch (error) {
    result.rejected.push(ShapeError.rejection(error, ''))
  }
  return result
}

/**
 * The row of a result document. It is linked to the trace that it embeds, else to the one that its evaluations name in
 * their metadata (`trace_id`).
 *
 * @param text the exact text of the document
 * @throws FormatError when it is nested too deeply
 */
export function resultOfAgentprobe(given: Unknowns, text: string): ResultRecord {
  const name = requiredText(given.test_name, 'test_name')
  if (name.length > maxIdLength) throw new ShapeError('test_name', `is longer than ${maxIdLength} characters`)
  const evaluations = readItems(given.eval_results ?? [], 'eval_results', readEvaluation)
  const assertions = readItems(given.assertion_results ?? [], 'assertion_results', readAssertion)
  const created = microsOf(given.created_at)
  const trace = isObject(given.trace) ? given.trace : undefined
  const judged = trace?.trace_id ?? evaluations.find(({ metadata }) => metadata?.trace_id)?.metadata?.trace_id
  const [first, ...others] = evaluations
  return {
    resultId: requiredText(given.result_id, 'result_id'),
    kind: 'test',
    name,
    status: statusOf(given.status),
    score: absent(given.score) ? null : scoreOf(given.score, 'score'),
    durationMs: durationOf(given.duration_ms),
    ...(created !== undefined && { time: new Micros(created) }),
    traceId: idOf(judged),
    agentName: idOf(trace?.agent_name),
    evaluator: first && others.length === 0 ? first.evaluator : null,
    explanation: first && others.length === 0 ? (first.reason ?? null) : null,
    errorMessage: textOf(given.error_message),
    evaluations,
    assertions,
    document: documentColumn(text.trim()),
  }
}

function statusOf(value: unknown): ResultStatus {
  const status = resultStatuses.find((each) => each === value)
  if (status) return status
  throw new ShapeError('status', `is not one of ${resultStatuses.join(', ')}`)
}

function scoreOf(value: unknown, path: string): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  throw new ShapeError(path, 'is not a number from 0 to 1')
}

const verdicts = ['pass', 'fail', 'partial', 'error'] as const

function readEvaluation(value: unknown): Evaluation {
  const given = requiredObject(value, '')
  const verdict = verdicts.find((each) => each === given.verdict)
  if (!absent(given.verdict) && !verdict) throw new ShapeError('verdict', `is not one of ${verdicts.join(', ')}`)
  return {
    evaluator: requiredText(given.evaluator_name, 'evaluator_name'),
    ...(absent(given.score) ? {} : { score: scoreOf(given.score, 'score') }),
    ...withoutNulls({
      id: idOf(given.eval_id),
      verdict,
      reason: textOf(given.reason) || undefined,
      metadata: isObject(given.metadata) ? (given.metadata as JsonObject) : undefined,
      createdAt: textOf(given.created_at),
    }),
  }
}

function readAssertion(value: unknown): Assertion {
  const given = requiredObject(value, '')
  if (typeof given.passed !== 'boolean') throw new ShapeError('passed', 'is not true or false')
  return {
    type: requiredText(given.assertion_type, 'assertion_type'),
    passed: given.passed,
    ...(given.expected !== undefined && { expected: jsonOf(given.expected) }),
    ...(given.actual !== undefined && { actual: jsonOf(given.actual) }),
    ...(typeof given.message === 'string' && given.message !== '' && { message: given.message }),
  }
}
