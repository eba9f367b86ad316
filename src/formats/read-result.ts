import type { Scope } from '../../schema/values.ts'
import type { Records, RunRecord, SpanRecord } from '../rows/records.ts'
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
  /** Spans that other signals tell of: they are stored where no span tells the same. */
  derived?: SpanRecord[]
  /** Which profiles read the spans; undefined for formats without them. */
  readings?: Map<string, Reading>
  rejected: Rejection[]
  /** Details that did not fit: each was repaired or left out, and its record was kept. */
  repaired: Rejection[]
}

/** What one profile read of one instrumentation scope. */
export interface Reading {
  /** The scope's name and version; empty where it has none. */
  readonly scope: string
  /** Name and version of the profile: `openinference@1`. */
  readonly reader: string
  spans: number
  /** Attributes that look like usage, cost, model, session or tool, and that nothing was read from. */
  readonly unread: Set<string>
}

/** Names of unread attributes that are kept for each scope. */
const maxUnread = 50

/** Counts a span among those that its profile read. */
export function noteReading(
  result: ReadResult,
  scope: Scope | null,
  reader: string | null | undefined,
  unread: ReadonlySet<string>,
): void {
  if (reader == null) return
  const name = scope?.version ? `${scope.name ?? ''} ${scope.version}` : (scope?.name ?? '')
  const key = `${name}\0${reader}`
  result.readings ??= new Map()
  let reading = result.readings.get(key)
  if (reading === undefined) {
    reading = { scope: name, reader, spans: 0, unread: new Set() }
    result.readings.set(key, reading)
  }
  reading.spans += 1
  for (const each of unread) if (reading.unread.size < maxUnread) reading.unread.add(each)
}

/** Adds what was read of a part of a document. */
export function mergeReading(result: ReadResult, key: string, { spans, unread, ...reading }: Reading): void {
  result.readings ??= new Map()
  const known = result.readings.get(key)
  if (known === undefined) result.readings.set(key, { ...reading, spans, unread: new Set(unread) })
  else {
    known.spans += spans
    for (const each of unread) if (known.unread.size < maxUnread) known.unread.add(each)
  }
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
  repaired: [],
})
