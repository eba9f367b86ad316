import type { Records, RunRecord } from '../rows/records.ts'
import type { DocumentFormat } from './stored-document.ts'

/** A part of a document that could not be read; everything else was. */
export interface Rejection {
  /** Where it is in the document: `resourceSpans[0].scopeSpans[0].spans[3].traceId`. */
  readonly path: string
  /** What is wrong there, without the value itself. */
  readonly reason: string
}

/** A run that a document holds whole. */
export interface ReadRun {
  readonly format: DocumentFormat
  readonly run: RunRecord
}

/** What one document holds: its records, and what was left out. */
export type ReadResult = Records & {
  /** Runs that are saved whole; undefined for formats of records. */
  runs?: ReadRun[]
  rejected: Rejection[]
}

/** A result without anything in it yet. */
export const emptyResult = (): ReadResult => ({
  traces: [],
  spans: [],
  events: [],
  results: [],
  metrics: [],
  metricPoints: [],
  logs: [],
  rejected: [],
})
