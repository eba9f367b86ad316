import { microsFromIso } from '../../../schema/time.ts'
import { now } from '../../clock.ts'
import { microsFromPython, pythonFromMicros } from '../python-time.ts'
import { invalidTrace } from '../schema-faults.ts'
import { type AgentTrace, lineFaults, readDocument, type TraceLine, traceFaults, writeLine } from './document.ts'
import { totalDurationMs } from './durations.ts'

/** A saved trace: its exact text as a line of selectools, and what lists and filters need. */
export interface SavedTrace {
  readonly runId: string
  /** When it was saved, in microseconds since 1970. */
  readonly savedMicros: number
  readonly steps: number
  readonly totalMs: number
  /**
   * The line. It ends in a space where `total_duration_ms` and `step_count`, which every line has, were not part of
   * the saved trace: then they are removed when it is loaded.
   */
  readonly line: string
}

/** Members of every line that are derived from the steps. */
const derived = ['total_duration_ms', 'step_count'] as const
/** Marks a line whose trace was saved without them. JSON parsers ignore it. */
const withoutDerived = ' '
/** The date that selectools assumes for a line without one. */
const noDate = '2000-01-01T00:00:00+00:00'

let lastMicros = 0

/** The time, different for every call in this process: no two traces are saved at the same time. */
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

/** Sets them on a shallow copy, so that notes on how numbers were written stay valid. */
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
