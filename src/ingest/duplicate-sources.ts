import { and, eq, inArray } from 'drizzle-orm'
import { storageError } from '../driver-errors/storage-error.ts'
import { type DocumentFormat, sourceOf } from '../formats/stored-document.ts'
import type { SpanRecord } from '../rows/records.ts'
import type { Store } from '../store/store.ts'
import type { RunWriter } from '../writers/run-writer.ts'

const documentSources = (['selectools', 'agentprobe'] satisfies DocumentFormat[]).map(sourceOf)

/** Finds the traces of spans that already have spans of a saved document: trace id to the document's source. */
export async function savedSources(store: Store, spans: readonly SpanRecord[]): Promise<Map<string, string>> {
  const ids = [...new Set(spans.map(({ traceId }) => traceId))]
  if (ids.length === 0) return new Map()
  const { db, tables, pool, projectId } = store
  const source = pool.dialect.jsonText(tables.spans.scope, 'name')
  try {
    const rows = await db
      .selectDistinct({ traceId: tables.spans.traceId, source })
      .from(tables.spans)
      .where(
        and(
          eq(tables.spans.projectId, projectId),
          pool.dialect.isInList(tables.spans.traceId, pool.dialect.list(ids)),
          inArray(source, documentSources),
        ),
      )
    return new Map(rows.map((row) => [row.traceId, row.source ?? '']))
  } catch (error) {
    throw storageError(error, 'look for traces that were saved as documents')
  }
}

/** Whether a span's trace was saved from another source. Spans of the document itself may return from an export. */
export function hasOtherSource({ traceId, scope }: SpanRecord, sources: ReadonlyMap<string, string>): boolean {
  const source = sources.get(traceId)
  return source !== undefined && source !== scope?.name
}

/** Deletes the spans of documents in traces whose recorded spans are stored now. */
export async function deleteDocumentSpans(
  writer: RunWriter,
  stored: readonly SpanRecord[],
  sources: ReadonlyMap<string, string>,
): Promise<void> {
  const replaced = new Set(stored.filter((span) => hasOtherSource(span, sources)).map(({ traceId }) => traceId))
  for (const source of new Set(sources.values())) {
    const ids = [...replaced].filter((traceId) => sources.get(traceId) === source)
    if (ids.length > 0) await writer.forgetSpans(ids, source)
  }
}
