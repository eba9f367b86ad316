import type { Diagnostics } from '../diagnostics.ts'
import { expectedIndexes } from '../expected-indexes.ts'
import { ok, skipped } from '../finding.ts'
import type { Pool } from '../pool.ts'
import { storedParts } from './stored-parts.ts'

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
    return { expected: expectedIndexes('sqlite', filledTable()), found: new Map(rows.map(([name]) => [name, true])) }
  },
  storedParts: (options) => storedParts(pool, options),
  rights: async () => skipped('SQLite knows no roles; what counts is who may write the file'),
})

/** The table of the text search is made empty, and filled by a statement of its own. */
function filledTable() {
  let created = ''
  return function* (statement: string): Generator<[name: string, statement: string]> {
    if (/^\s*create virtual table/i.test(statement)) created = statement.replace(/;\s*$/, '')
    const [, name] = /^\s*insert into `(\w+)`/i.exec(statement) ?? []
    if (name !== undefined && created.includes(`\`${name}\``)) yield [name, `${created}; ${statement}`]
  }
}
