import type { AcceptedRow } from '../rows/accepted-row.ts'

/** Whole runs of one project, each a trace and the spans that follow from its document, that are stored as one unit. */
export interface RunBatch<Row = AcceptedRow> {
  readonly projectId: string
  /** What the spans follow from: the name of their scope. Spans of the same source are replaced. */
  readonly source: string
  readonly traces: readonly Row[]
  readonly spans: readonly Row[]
  /** The stamp that all of the rows have, in microseconds since 1970. */
  readonly writtenAt: number
  /**
   * What becomes of a run whose trace has spans of another source, which tell the same once more. `merge`: its trace is
   * stored, its spans are not. `refuse`: nothing of it is.
   */
  readonly whenOthers: 'merge' | 'refuse'
}

/** What became of some runs: all are stored but those that it names. */
export interface RunResult {
  /** The traces that hold a newer version. */
  readonly superseded: readonly string[]
  /** The traces that have spans of another source. */
  readonly others: readonly string[]
}

/** How an engine writes parameters and lists of texts. */
export interface RunSpelling {
  parameter(place: number): string
  /** A column is in the list of the parameter at a place. */
  isInList(column: string, place: number): string
  /** An instant at a place. */
  instant(place: number): string
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
    /** The spans of a source. */
    forgetSpans: `delete from ${tables.spans} where ${ofTraces} and scope ->> 'name' = ${parameter(3)}`,
    deleteEvents: `delete from ${tables.events} where ${ofTraces}`,
    deleteSpans: `delete from ${tables.spans} where ${ofTraces}`,
    deleteTraces: `delete from ${tables.traces} where ${ofTraces}`,
  } as const
}
