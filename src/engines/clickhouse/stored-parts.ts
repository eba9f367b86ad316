import type { StoredPart, StoredParts } from '../diagnostics.ts'
import type { Pool, ReadOptions } from '../pool.ts'

// Versions that a later merge removes are counted with the others.
const parts = `select table as name, table, 'table' as kind,
    toInt64(sum(bytes_on_disk)) - toInt64(sum(secondary_indices_compressed_bytes + secondary_indices_marks_bytes)) as bytes,
    toNullable(toInt64(sum(rows))) as rows
  from system.parts where active and database = currentDatabase() group by table
  union all
  select name, table, 'index', toInt64(data_compressed_bytes + marks_bytes), null
  from system.data_skipping_indices where database = currentDatabase()`

/** What takes the room of the database on the server that answers; on a cluster the others have theirs. */
export async function storedParts(pool: Pick<Pool, 'rows'>, options?: ReadOptions): Promise<StoredParts> {
  const rows = (await pool.rows(parts, [], options)) as [string, string, StoredPart['kind'], unknown, unknown][]
  return {
    parts: rows.map(([name, table, kind, bytes, count]) => ({
      ...{ name, table, kind },
      bytes: Number(bytes),
      rows: count === null ? null : Number(count),
    })),
    freeBytes: null,
  }
}
