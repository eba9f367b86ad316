import { and, eq, inArray } from 'drizzle-orm'
import { storageError } from '../driver-errors/storage-error.ts'
import { type DocumentFormat, sourceOf } from '../formats/stored-document.ts'
import type { Store } from '../store.ts'
import type { NewSpan } from '../writers/records.ts'
import type { RunWriter } from '../writers/run-writer.ts'

const sources = (['selectools', 'agentprobe'] satisfies DocumentFormat[]).map(sourceOf)

/** The traces of spans that have spans of a saved document already, with the document's source. */
export async function tracesToldTwice(store: Store, spans: readonly NewSpan[]): Promise<Map<string, string>> {
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
          inArray(source, sources),
        ),
      )
    return new Map(rows.map((row) => [row.traceId, row.source ?? '']))
  } catch (error) {
    throw storageError(error, 'look for traces that were saved as documents')
  }
}

/** Deletes what follows from documents in the traces of recorded spans that were stored. */
export async function forgetToldSpans(
  writer: RunWriter,
  toldTwice: ReadonlyMap<string, string>,
  stored: readonly NewSpan[],
): Promise<void> {
  const ids = new Map<string, Set<string>>()
  for (const { traceId } of stored) {
    const source = toldTwice.get(traceId)
    if (source !== undefined) ids.set(source, (ids.get(source) ?? new Set()).add(traceId))
  }
  for (const [source, traceIds] of ids) await writer.forgetSpans([...traceIds], source)
}
