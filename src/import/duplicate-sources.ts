import { and, eq, inArray } from 'drizzle-orm'
import { storageError } from '../driver-errors/storage-error.ts'
import { type DocumentFormat, sourceOf } from '../formats/stored-document.ts'
import type { SpanRecord } from '../rows/records.ts'
import type { Store } from '../store/store.ts'
import type { RunWriter } from '../writers/run-writer.ts'

const documentSources = (['selectools', 'agentprobe'] satisfies DocumentFormat[]).map(sourceOf)

/** The traces of spans that have spans of a saved document, with the document's source. */
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

/** Whether a span tells anew what a saved document told: its own spans do not, which come back from an export. */
export function hasOtherSource({ traceId, scope }: SpanRecord, sources: ReadonlyMap<string, string>): boolean {
  const source = sources.get(traceId)
  return source !== undefined && source !== scope?.name
}

/** Deletes what follows from documents in the traces of spans that tell it anew and were stored. */
export async function deleteDocumentSpans(
  writer: RunWriter,
  stored: readonly SpanRecord[],
  sources: ReadonlyMap<string, string>,
): Promise<void> {
  const told = new Set(stored.filter((span) => hasOtherSource(span, sources)).map(({ traceId }) => traceId))
  for (const source of new Set(sources.values())) {
    const ids = [...told].filter((traceId) => sources.get(traceId) === source)
    if (ids.length > 0) await writer.forgetSpans(ids, source)
  }
}
