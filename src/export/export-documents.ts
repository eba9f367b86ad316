import { and, eq } from 'drizzle-orm'
import type { EventRow, SpanRow } from '../../schema/tables.ts'
import { microsFromIso } from '../../schema/time.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import { ValidationError } from '../errors.ts'
import { agentTraceIn } from '../formats/agentprobe/agent-trace.ts'
import { agentprobeOf } from '../formats/agentprobe/from-agent-trace.ts'
import { readAgentprobeTrace, writeAgentprobeTrace } from '../formats/agentprobe/trace-document.ts'
import { writeOtlp } from '../formats/otlp/write.ts'
import { agentTraceOfRows } from '../formats/selectools/from-rows.ts'
import { toSaved } from '../formats/selectools/saved-trace.ts'
import { fromColumn, type StoredDocument } from '../formats/stored-document.ts'
import type { TraceFilter } from '../repositories/entities/traces-and-spans.ts'
import type { Store } from '../store/store.ts'

/** The formats that traces are exported in. */
export const exportFormats = ['otlp', 'selectools', 'agentprobe'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** Filters and options of an export. Every filter of a list works here too. */
export interface ExportOptions extends TraceFilter {
  /** @default 'otlp' */
  format?: ExportFormat | undefined
  /** Spans that are read and held in memory at once for OTLP; lower it for very large spans. @default 1000 */
  batchSpans?: number | undefined
  /** Ends the export with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** A piece of an export. */
export interface ExportedPiece {
  /** Lines of JSON, each with its line feed. */
  readonly text: string
  /** Traces that begin in this piece. A large trace spans several pieces and counts once. */
  readonly traces: number
}

const batchTraces = 100

/**
 * Exports traces as JSON Lines, in constant memory. OTLP: requests of several traces each, newest first. selectools:
 * lines of its trace store in the order of saving, oldest first, as it writes them. agentprobe: trace documents, newest
 * first. A trace that was saved as a document of the format is written
 * exactly as it was; others are made from their spans.
 *
 * A late span that moves a trace's start while the export runs may export the trace twice, the second time with that
 * span. An import of both stores it once.
 *
 * @example
 * for await (const { text } of exportDocuments(store, { format: 'selectools', since: '2026-11-01T00:00:00Z' })) {
 *   process.stdout.write(text)
 * }
 */
export async function* exportDocuments(
  store: Store,
  { format = 'otlp', batchSpans, signal, ...filter }: ExportOptions = {},
): AsyncGenerator<ExportedPiece, void, undefined> {
  if (!exportFormats.includes(format)) {
    throw new ValidationError('Invalid export', [
      { field: 'format', message: `must be one of ${exportFormats.join(', ')}` },
    ])
  }
  if (format === 'otlp') {
    let last: string | undefined
    for await (const { spans, events } of store.traces.records({ ...filter, batchSpans, signal })) {
      const begun = new Set(spans.map(({ traceId }) => traceId))
      // A large trace continues from the previous piece.
      if (last !== undefined) begun.delete(last)
      last = spans.at(-1)?.traceId
      const [text = '', ...rest] = requestsOf(spans, events)
      yield { text, traces: begun.size }
      for (const text of rest) yield { text, traces: 0 }
    }
    return
  }
  let batch: string[] = []
  // selectools reads its file from the end: its newest trace is the last line.
  const order = format === 'selectools' ? ({ orderBy: 'created', direction: 'asc' } as const) : {}
  for await (const { traceId } of store.traces.stream({ ...filter, ...order, signal, batch: batchTraces })) {
    batch.push(traceId)
    if (batch.length < batchTraces) continue
    yield await pieceOf(store, batch, format)
    batch = []
  }
  if (batch.length > 0) yield await pieceOf(store, batch, format)
}

/** The requests of some spans, one per line: several if one would exceed the longest string. */
function requestsOf(spans: readonly SpanRow[], events: readonly EventRow[]): string[] {
  try {
    return [`${JSON.stringify(writeOtlp(spans, events))}\n`]
  } catch (error) {
    if (!(error instanceof RangeError) || spans.length < 2) throw error
    const middle = spans.length >> 1
    return [spans.slice(0, middle), spans.slice(middle)].flatMap((half) => requestsOf(half, events))
  }
}

async function pieceOf(
  store: Store,
  ids: readonly string[],
  format: 'selectools' | 'agentprobe',
): Promise<ExportedPiece> {
  const { db, tables, pool, projectId } = store
  const { traces } = tables
  const isListed = pool.dialect.isInList(traces.traceId, pool.dialect.list(ids))
  const rows = await Promise.resolve(
    db
      .select({ traceId: traces.traceId, createdAt: traces.createdAt, document: traces.document })
      .from(traces)
      .where(and(eq(traces.projectId, projectId), isListed)),
  ).catch((error: unknown) => {
    throw storageError(error, 'read documents')
  })
  const byId = new Map(rows.map((row) => [row.traceId, row]))
  const lines: string[] = []
  for (const id of ids) {
    const row = byId.get(id)
    // It was deleted meanwhile.
    if (!row) continue
    const stored = fromColumn(row.document)
    const line =
      stored?.format === format
        ? onOneLine(stored)
        : await converted(store, id, stored, format, microsFromIso(row.createdAt))
    if (line !== undefined) lines.push(`${line}\n`)
  }
  return { text: lines.join(''), traces: lines.length }
}

async function converted(
  store: Store,
  traceId: string,
  stored: StoredDocument | undefined,
  format: 'selectools' | 'agentprobe',
  savedMicros: number,
): Promise<string | undefined> {
  const trace = stored
    ? agentTraceIn(stored)
    : await store.traces.get(traceId).then((rows) => rows && agentTraceOfRows(rows))
  if (!trace) return undefined
  return format === 'selectools'
    ? toSaved(trace, savedMicros).line.trimEnd()
    : writeAgentprobeTrace(agentprobeOf(trace, savedMicros))
}

/** A document on one line. */
const onOneLine = ({ format, text }: StoredDocument): string =>
  format === 'agentprobe' && /[\r\n]/.test(text) ? writeAgentprobeTrace(readAgentprobeTrace(text)) : text.trim()
