/** What an import brought, in numbers. Importing the same source again gives the same numbers and changes nothing. */
export interface ImportReport {
  /** Distinct traces that anything was stored of. */
  traces: number
  spans: number
  events: number
  results: number
  metrics: number
  points: number
  logs: number
  /** Documents, and parts of documents, that were left out. */
  rejected: number
}

/** How far an import is. */
export interface ImportProgress extends Readonly<ImportReport> {
  /** Bytes of the source that were read. */
  readonly bytesRead: number
}

/** Something that was left out of an import, and why. */
export interface ImportRejection {
  /** The line of the source on which its document begins, from 1. */
  readonly line: number
  /** What is wrong, without the content. */
  readonly message: string
}

/** A report of nothing. */
export const emptyReport = (): ImportReport => ({
  traces: 0,
  spans: 0,
  events: 0,
  results: 0,
  metrics: 0,
  points: 0,
  logs: 0,
  rejected: 0,
})
