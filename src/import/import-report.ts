/** The counts of an import. Importing the same source again gives the same counts and changes nothing. */
export interface ImportReport {
  /** Distinct traces with stored records. */
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

/** The progress of an import. */
export interface ImportProgress extends Readonly<ImportReport> {
  /** Bytes of the source that were read. */
  readonly bytesRead: number
}

/** What an import left out, and why. */
export interface ImportRejection {
  /** The line of the source on which its document begins, from 1. */
  readonly line: number
  /** What is wrong, without the content. */
  readonly message: string
}

/** A report with all counts at 0. */
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
