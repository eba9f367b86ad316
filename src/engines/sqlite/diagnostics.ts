import type { Diagnostics } from '../diagnostics.ts'
import { expectedIndexes } from '../expected-indexes.ts'
import { ok, skipped } from '../finding.ts'
import type { Pool } from '../pool.ts'

const existing = "select name from sqlite_master where type in ('index', 'trigger', 'table')"

/** What is asked of SQLite, whose version comes with its driver. */
export const sqliteDiagnostics = (pool: Pick<Pool, 'rows' | 'health'>): Diagnostics => ({
  noServer: 'the database is a file',
  async server() {
    const { version } = await pool.health()
    return ok(`SQLite ${version}`)
  },
  // The triggers of the text search are as good as an index here.
  async indexes() {
    const rows = (await pool.rows(existing, [])) as [string][]
    return { expected: expectedIndexes('sqlite'), found: new Map(rows.map(([name]) => [name, true])) }
  },
  rights: async () => skipped('SQLite knows no roles; what counts is who may write the file'),
})
