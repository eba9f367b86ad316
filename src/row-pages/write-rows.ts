import { createSink } from '../engines/notifying-sink.ts'
import type { Pool } from '../engines/pool.ts'
import type { Sink } from '../engines/sink.ts'
import { StorageError } from '../errors.ts'
import { type AcceptedRow, columnIndex, type Entity, projectIndex } from '../rows/accepted-row.ts'
import { sayingAll } from '../rows/authored.ts'
import { newestOfEachKey } from './newest-of-each-key.ts'
import type { RowPage } from './read-rows.ts'

/**
 * Stores rows as they were read from another store, page after page; the next one is read while one is written.
 *
 * @param stored called for every page that is stored, with how many of its rows were written
 * @throws StorageError for a row that the engine refuses, or when it stays unreachable; the signal's reason between pages
 */
export async function writeRows(
  to: Pool,
  entity: Entity,
  pages: AsyncIterable<RowPage>,
  { signal, stored }: { signal?: AbortSignal | undefined; stored: (page: RowPage, written: number) => Promise<void> },
): Promise<void> {
  const sink = createSink(to)
  let writing: Promise<void> = Promise.resolve()
  try {
    for await (const page of pages) {
      await writing
      signal?.throwIfAborted()
      const rows = entity === 'traces' ? page.rows.flatMap((row) => carriedRow(entity, row) ?? []) : page.rows
      const written = to.capabilities.repeatedKeys ? rows : newestOfEachKey(entity, rows)
      writing = write(sink, entity, written).then(() => stored(page, written.length))
      // Its failure shows when the next page waits for it; until then it is not unhandled.
      writing.catch(() => {})
    }
  } finally {
    await writing
    await sink.settle?.()
  }
}

const authoredIndex = columnIndex('traces', 'authored')

/**
 * A row as another store takes it. Of a trace what somebody said of it, as one: it replaces what the target has. A trace
 * that nobody wrote comes into being with its spans.
 */
export function carriedRow(entity: Entity, row: AcceptedRow): AcceptedRow | undefined {
  if (entity !== 'traces') return row
  return (row.values[authoredIndex] ?? null) === null ? undefined : sayingAll(row)
}

/** A batch holds rows of one project; in the order of the key those stand together. */
async function write(sink: Sink, entity: Entity, rows: readonly AcceptedRow[]): Promise<void> {
  for (let from = 0; from < rows.length; ) {
    const projectId = rows[from]?.values[projectIndex] as string
    const end = rows.findIndex((row, i) => i > from && row.values[projectIndex] !== projectId)
    const part = rows.slice(from, end < 0 ? rows.length : end)
    const prepared = part.map((row) => sink.prepare(entity, row))
    const { rejected } = await sink.write({ entity, projectId, rows: prepared })
    sink.free?.(prepared)
    const [first] = rejected
    if (first)
      throw new StorageError(first.code, `${rejected.length} rows of ${entity} cannot be copied: ${first.message}`)
    from += part.length
  }
}
