import { microsFromIso } from '../../../schema/time.ts'
import { now } from '../../clock.ts'
import { microsFromPython, pythonFromMicros } from '../python-time.ts'
import { invalidTrace } from '../schema-faults.ts'
import { type AgentTrace, lineFaults, readDocument, type TraceLine, traceFaults, writeLine } from './document.ts'
import { totalDurationMs } from './durations.ts'

/** A saved trace: the exact text of its document as a line of selectools, and what lists and filters need of it. */
export interface SavedTrace {
  readonly runId: string
  /** When it was saved, in microseconds since 1970. */
  readonly savedMicros: number
  readonly steps: number
  readonly totalMs: number
  /**
   * The line. It ends in a space where `total_duration_ms` and `step_count`, which every line carries, were not part of
   * the trace as it was saved: then they are taken out again when it is loaded.
   */
  readonly line: string
}

/** The members that every line carries although they follow from the steps. */
const derived = ['total_duration_ms', 'step_count'] as const
/** What marks a line whose trace was saved without them. Readers of JSON do not see it. */
const withoutDerived = ' '
/** What selectools takes a line without a date for. */
const noDate = '2000-01-01T00:00:00+00:00'

let lastMicros = 0

/** The time, later than any time that this process got here before: no two traces are saved at once. */
export function savingMicros(): number {
  lastMicros = Math.max(lastMicros + 1, microsFromIso(now()))
  return lastMicros
}

/**
 * A trace as it is saved.
 *
 * @throws ValidationError when it is none
 */
export function toSaved(trace: AgentTrace, savedMicros = savingMicros()): SavedTrace {
  const faults = traceFaults(trace)
  if (faults.length > 0) throw invalidTrace(faults)
  const [steps, totalMs] = [trace.steps.length, totalDurationMs(trace)]
  const given = derived.some((key) => trace[key] !== undefined)
  const written = given ? trace : withDerived(trace, totalMs)
  const line: TraceLine = {
    run_id: trace.run_id,
    steps,
    total_ms: totalMs,
    created_at: pythonFromMicros(savedMicros),
    metadata: trace.metadata ?? {},
    trace: written,
  }
  const text = writeLine(line)
  return { runId: trace.run_id, savedMicros, steps, totalMs, line: given ? text : text + withoutDerived }
}

/** The members are set on a copy, which shares what is in it: how numbers were written is remembered there. */
function withDerived(trace: AgentTrace, totalMs: number): AgentTrace {
  const copy = Object.create(Object.getPrototypeOf(trace), Object.getOwnPropertyDescriptors(trace)) as AgentTrace
  return Object.assign(copy, { total_duration_ms: totalMs, step_count: trace.steps.length })
}

/**
 * The saved trace that a line holds.
 *
 * @throws FormatError when it is no JSON; ValidationError when it is no line of a trace store
 */
export function fromLine(text: string): { saved: SavedTrace; trace: AgentTrace } {
  const document = readDocument(text)
  const faults = lineFaults(document)
  if (faults.length > 0) throw invalidTrace(faults)
  const line = document as TraceLine
  const savedMicros = microsFromPython(line.created_at ?? noDate)
  const saved = {
    runId: line.run_id,
    savedMicros: savedMicros >= 0 ? savedMicros : microsFromPython(noDate),
    steps: line.trace.steps.length,
    totalMs: usable(line.total_ms) ?? totalDurationMs(line.trace),
    line: text,
  }
  if (text.endsWith(`}${withoutDerived}`)) for (const key of derived) delete line.trace[key]
  return { saved, trace: line.trace }
}

const usable = (value: unknown) =>
  typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY ? value : undefined
