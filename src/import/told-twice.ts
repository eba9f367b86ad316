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

/** Makes room for recorded spans: what follows from documents goes. */
export async function forgetToldSpans(writer: RunWriter, traces: ReadonlyMap<string, string>): Promise<void> {
  for (const source of new Set(traces.values())) {
    const ids = [...traces].filter(([, each]) => each === source).map(([traceId]) => traceId)
    await writer.forgetSpans(ids, source)
  }
}
