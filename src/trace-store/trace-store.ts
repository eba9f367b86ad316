import type { AgentTrace } from '../formats/selectools/document.ts'

/**
 * Where whole traces of agent runs are kept, by the id of the run. Any object with these five methods is one; the suite
 * in `tracehold/testing` proves that it keeps their meaning.
 */
export interface TraceStore {
  /**
   * Saves a trace under its `run_id`, replaces an earlier one, and returns the id. The time of saving is
   * renewed.
   */
  save(trace: AgentTrace): Promise<string>
  /** The trace as it was saved. @throws StorageError with code `not_found` when there is none: `Trace 'x' not found` */
  load(runId: string): Promise<AgentTrace>
  /**
   * Summaries of traces, the last saved first.
   *
   * @param limit how many at most. @default 50
   * @param offset how many to leave out first. @default 0
   */
  list(limit?: number, offset?: number): Promise<TraceSummary[]>
  /** Summaries of all traces that fit, the last saved first. */
  query(filter: TraceFilter): Promise<TraceSummary[]>
  /** Removes a trace, and returns whether there was one. */
  delete(runId: string): Promise<boolean>
}

/** Which traces. Every condition must hold; an empty filter fits all. */
export interface TraceFilter {
  /**
   * Members that the trace's metadata must have, compared in depth. Null also fits where the member is missing.
   */
  metadata_match?: Readonly<Record<string, unknown>> | null | undefined
  /** At least so many steps. */
  min_steps?: number | null | undefined
  /** At most so many steps. */
  max_steps?: number | null | undefined
  /** Saved at this instant or later: ISO-8601, or a Date. */
  since?: string | Date | null | undefined
  /** Saved at this instant or earlier. */
  until?: string | Date | null | undefined
}

/** What a list shows of a trace. */
export interface TraceSummary {
  readonly run_id: string
  /** How many steps it has. */
  readonly steps: number
  /** The sum of the durations of its steps, in milliseconds; not wall time. */
  readonly total_ms: number
  /** When it was saved: `2026-11-20T10:03:00.123456Z`. */
  readonly created_at: string
  readonly metadata: Record<string, unknown>
}

const methods = ['save', 'load', 'list', 'query', 'delete'] as const

/** Whether a value has the five methods of a trace store. */
export function isTraceStore(value: unknown): value is TraceStore {
  if (typeof value !== 'object' || value === null) return false
  return methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}
