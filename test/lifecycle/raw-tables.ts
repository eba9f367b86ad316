import type { Store } from '../../src/index.ts'
import type { BackendName } from '../backends.ts'

/** How each engine lists its tables and reads all rows of one as texts. */
const raw: Record<BackendName, { tables: string; rows: (table: string) => string }> = {
  sqlite: {
    // The search index keeps words until it merges its segments: the report of an erasure says so.
    tables:
      "select name from sqlite_master where type = 'table' and name not like '%_search_%' and name not like '%_search'",
    rows: (table) => `select * from "${table}"`,
  },
  postgres: {
    tables: "select relname from pg_class where relnamespace = 'tracehold'::regnamespace and relkind in ('r', 'p')",
    rows: (table) => `select t::text from tracehold."${table}" as t`,
  },
  clickhouse: {
    tables: 'select name from system.tables where database = currentDatabase()',
    rows: (table) => `select * from ${table} settings final = 0`,
  },
}

/** The tables in which a text is found, whatever the column: ours, internal ones, and those of the engine's indexes. */
export async function tablesWith(store: Store, backend: BackendName, text: string): Promise<string[]> {
  const { tables, rows } = raw[backend]
  const found: string[] = []
  const names = (await store.pool.rows(tables, [])).map(([name]) => String(name))
  for (const name of names) {
    const all = await store.pool.rows(rows(name), [])
    if (JSON.stringify(all, asText).includes(text)) found.push(name)
  }
  return found.sort()
}

const asText = (_key: string, value: unknown) => (Buffer.isBuffer(value) ? value.toString('latin1') : value)
