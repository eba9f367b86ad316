/** The counts of an import. Importing the same source again gives the same counts and changes nothing. */
export interface ImportCounts {
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
  /** Details that did not fit, such as an id in base64: each was repaired or left out, and its record was kept. */
  repaired: number
}

/** What one profile read of an instrumentation. */
export interface ImportReader {
  /** Name and version of the instrumentation scope; empty where it has none. */
  readonly scope: string
  /** Name and version of the profile that read its spans: `openinference@1`. */
  readonly reader: string
  spans: number
  /** Attributes that look like usage, cost, model, session or tool, and that no column was read from. */
  unread: string[]
}

/** The counts of an import, and the profiles that read its spans. */
export interface ImportReport extends ImportCounts {
  readers: ImportReader[]
}

/** The progress of an import. */
export interface ImportProgress extends Readonly<ImportCounts> {
  /** Bytes of the source that were read. */
  readonly bytesRead: number
}

/** All counts at 0. */
export const emptyCounts = (): ImportCounts => ({
  traces: 0,
  spans: 0,
  events: 0,
  results: 0,
  metrics: 0,
  points: 0,
  logs: 0,
  rejected: 0,
  repaired: 0,
})

/** A report with all counts at 0. */
export const emptyReport = (): ImportReport => ({ ...emptyCounts(), readers: [] })

/** What a reader read, before it is part of a report. */
type Reading = Pick<ImportReader, 'scope' | 'reader' | 'spans'> & { readonly unread: Iterable<string> }

/** Adds readers to those of a report: those of one scope and profile are one. */
export function addReaders(into: ImportReader[], readings: Iterable<Reading>): void {
  for (const { scope, reader, spans, unread } of readings) {
    const known = into.find((each) => each.scope === scope && each.reader === reader)
    if (known === undefined) into.push({ scope, reader, spans, unread: [...unread] })
    else {
      known.spans += spans
      known.unread = [...new Set([...known.unread, ...unread])]
    }
  }
}
