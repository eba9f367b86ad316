import { FormatError, ValidationError } from '../../errors.ts'
import { microsOfSeconds } from '../document-values.ts'
import { writeExact } from '../exact-json/write.ts'
import { emptyResult, type ReadResult } from '../read-result.ts'
import { isObject } from '../shape-error.ts'
import { type AgentTrace, readDocument, traceFaults } from './document.ts'
import { totalDurationMs } from './durations.ts'
import { runOfTrace } from './run.ts'
import { fromLine, type SavedTrace, toSaved } from './saved-trace.ts'

/** Whether a document is a line of a trace store, or a trace alone. */
export const isSelectools = (document: unknown): document is object =>
  isObject(document) && 'run_id' in document && (isObject(document.trace) || Array.isArray(document.steps))

/** The run of a line of a trace store, or of a trace alone. */
export function readSelectools(document: unknown, text?: string): ReadResult {
  const result = emptyResult()
  try {
    const { saved, trace } = savedIn(document as object, text)
    result.runs = [{ format: 'selectools', run: runOfTrace(trace, saved) }]
  } catch (error) {
    if (error instanceof ValidationError) {
      for (const { field, message } of error.faults) result.rejected.push({ path: field, reason: message })
    } else if (error instanceof FormatError) {
      result.rejected.push({ path: '', reason: error.message })
    } else {
      throw error
    }
  }
  return result
}

function savedIn(document: object, source: string | undefined): { saved: SavedTrace; trace: AgentTrace } {
  const text = source ?? writeExact(document)
  if (!('steps' in document && Array.isArray(document.steps))) return fromLine(oneLine(text))
  const trace = readDocument(text) as AgentTrace
  if (traceFaults(trace).length > 0) return { saved: toSaved(trace), trace }
  // A trace alone does not say when it was saved; the end of its run is the same each time that it is imported.
  const end = microsOfSeconds(Number(trace.start_time) + totalDurationMs(trace) / 1000)
  return { saved: toSaved(trace, end), trace }
}

/** A line stays one where it is exported. */
const oneLine = (text: string) => (/[\r\n]/.test(text) ? writeExact(readDocument(text)) : text)
