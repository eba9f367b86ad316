import { sql } from 'drizzle-orm'
import type { Phrase, SearchDialect } from '../search.ts'

/** FTS5, in the table that the migration `search_text` makes. */
export const sqliteSearch: SearchDialect = {
  matches({ rowNumber }, { wanted, unwanted }) {
    const all = wanted.map(quoted).join(' AND ')
    const query = unwanted.length === 0 ? all : `(${all}) NOT (${unwanted.map(quoted).join(' OR ')})`
    const index = sql.identifier('tracehold_logs_search')
    return sql`${rowNumber} in (select rowid from ${index} where ${index} match ${query})`
  },
}

const quoted = (phrase: Phrase) => `"${phrase.join(' ')}"`
