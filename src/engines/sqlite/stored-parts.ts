import type { StoredPart, StoredParts } from '../diagnostics.ts'
import type { Pool, ReadOptions } from '../pool.ts'

// Every page of the file is looked at once. The pages of the text search belong to its table of logs; a table without
// row numbers has rows in its inner pages too.
const search = 'tracehold_logs_search'
const parts = `with pages as (
    select name, sum(case when pagetype = 'overflow' then pgsize else 0 end) as large,
      sum(case when pagetype = 'overflow' then 0 else pgsize end) as own,
      sum(case when pagetype = 'leaf' then ncell else 0 end) as leaves,
      sum(case when pagetype = 'internal' then ncell else 0 end) as inner_cells
    from dbstat group by name
  ), known as (
    select pages.*, coalesce(s.tbl_name, pages.name) as of_table, s.type as type,
      coalesce((select wr from pragma_table_list(pages.name) limit 1), 0) as without_row_numbers
    from pages left join sqlite_schema s on s.name = pages.name
  )
  select name, of_table, case when type = 'index' then 'index' else 'table' end, own + iif(type = 'index', large, 0),
    case when type = 'index' then null else leaves + iif(without_row_numbers, inner_cells, 0) end,
    case when type = 'index' then 0 else large end
  from known`
const free = 'select freelist_count * page_size from pragma_freelist_count, pragma_page_size'

/** What takes the room of a file, an app's own tables among it. */
export async function storedParts(pool: Pick<Pool, 'rows'>, options?: ReadOptions): Promise<StoredParts> {
  const rows = await pool.rows(parts, [], { ...options, isLong: true })
  const [freePages] = await pool.rows(free, [], options)
  const found: StoredPart[] = []
  for (const [name, table, kind, bytes, count, large] of rows as [
    string,
    string,
    StoredPart['kind'],
    number,
    number | null,
    number,
  ][]) {
    if (name.startsWith(search)) {
      found.push({ name, table: 'tracehold_logs', kind: 'index', bytes: bytes + large, rows: null })
      continue
    }
    found.push({ name, table, kind, bytes, rows: count })
    if (large > 0) found.push({ name, table, kind: 'large values', bytes: large, rows: null })
  }
  return { parts: found, freeBytes: Number(freePages?.[0] ?? 0) }
}
