import type { AcceptedRow } from '../rows/accepted-row.ts'
import { inLockOrder } from './lock-order.ts'

/** Whole runs of one project that are stored as one unit. A run is a trace and the spans of its document. */
export interface RunBatch<Row = AcceptedRow> {
  readonly projectId: string
  /** The kind of document that the spans come from: the name of their scope. Spans of the same source are replaced. */
  readonly source: string
  readonly traces: readonly Row[]
  readonly spans: readonly Row[]
  /** The stamp that all of the rows have, in microseconds since 1970. */
  readonly writtenAt: number
  /**
   * What happens to a run whose trace already has spans of another source, which describe the same work. `merge`: its
   * trace is stored, its spans are not. `refuse`: nothing of it is stored.
   */
  readonly onOtherSource: 'merge' | 'refuse'
}

/** What became of some runs: all are stored except those named here. */
export interface RunResult {
  /** Traces that hold a newer version. */
  readonly superseded: readonly string[]
  /** Traces that have spans of another source. */
  readonly others: readonly string[]
}

/** What a database holds of the traces of some runs. */
export interface StoredRuns {
  /** Traces that hold a newer version than the batch. */
  readonly newer: ReadonlySet<string>
  /** Traces that have spans of another source. */
  readonly others: ReadonlySet<string>
}

/** What is to be stored of some runs. */
export interface SelectedRuns<Row> {
  /** The traces that are stored, in the order in which every writer locks them. */
  readonly traceIds: readonly string[]
  readonly traces: readonly Row[]
  readonly spans: readonly Row[]
  readonly result: RunResult
}

/**
 * Decides what is stored of some runs, the same way on every engine: a run that the database holds in a newer version is
 * left out, and one whose trace has spans of another source is merged or refused.
 */
export function selectRuns<Row extends { readonly leadingKey: string }>(
  { traces, spans, onOtherSource }: RunBatch<Row>,
  { newer, others }: StoredRuns,
): SelectedRuns<Row> {
  const isStored = ({ leadingKey }: Row) =>
    !newer.has(leadingKey) && (onOtherSource === 'merge' || !others.has(leadingKey))
  const storedTraces = traces.filter(isStored)
  return {
    traceIds: inLockOrder(storedTraces.map(({ leadingKey }) => leadingKey)),
    traces: storedTraces,
    spans: spans.filter((row) => isStored(row) && !others.has(row.leadingKey)),
    result: { superseded: [...newer], others: [...others] },
  }
}

/** How an engine writes parameters and lists of texts. */
export interface RunSpelling {
  /** The parameter with a number, from 1. */
  parameter(number: number): string
  /** A column is in the list that a parameter holds. */
  isInList(column: string, number: number): string
  /** A parameter that holds an instant. */
  instant(number: number): string
}

/** The statements that replace and delete runs. Their parameters: project, list of trace ids, and one more. */
export function runStatements(tables: { traces: string; spans: string; events: string }, spelling: RunSpelling) {
  const { parameter, isInList, instant } = spelling
  const ofTraces = `project_id = ${parameter(1)} and ${isInList('trace_id', 2)}`
  return {
    /** The traces that hold a newer version than the stamp. */
    newer: `select trace_id from ${tables.traces} where ${ofTraces} and written_at > ${instant(3)}`,
    /** The traces that have spans of another source. */
    others: `select distinct trace_id from ${tables.spans} where ${ofTraces}
      and coalesce(scope ->> 'name', '') <> ${parameter(3)}`,
    /** Which of the traces have spans. */
    withSpans: `select distinct trace_id from ${tables.spans} where ${ofTraces}`,
    /** The spans of a source. */
    forgetSpans: `delete from ${tables.spans} where ${ofTraces} and scope ->> 'name' = ${parameter(3)}`,
    deleteEvents: `delete from ${tables.events} where ${ofTraces}`,
    deleteSpans: `delete from ${tables.spans} where ${ofTraces}`,
    deleteTraces: `delete from ${tables.traces} where ${ofTraces}`,
  } as const
}
