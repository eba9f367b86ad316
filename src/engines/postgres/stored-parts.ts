import type { StoredPart, StoredParts } from '../diagnostics.ts'
import type { Pool, ReadOptions } from '../pool.ts'

// What the server counts of writes. The planner's own number is what a migration taught it, until the first vacuum; a
// standby, and a server after a crash, count nothing.
const parts = `select c.relname, c.relname, 'table',
    pg_relation_size(c.oid) + pg_relation_size(c.oid, 'fsm') + pg_relation_size(c.oid, 'vm'),
    case when pg_relation_size(c.oid) = 0 then 0 else nullif(pg_stat_get_live_tuples(c.oid), 0) end
  from pg_class c where c.relnamespace = to_regnamespace('tracehold') and c.relkind = 'r'
  union all
  select c.relname, c.relname, 'large values', pg_total_relation_size(c.reltoastrelid), null
  from pg_class c where c.relnamespace = to_regnamespace('tracehold') and c.relkind = 'r' and c.reltoastrelid <> 0
  union all
  select i.relname, c.relname, 'index', pg_relation_size(i.oid), null
  from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
  where c.relnamespace = to_regnamespace('tracehold')`

/** What takes the room of our schema. What is free in its pages is known to no view of the server. */
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
