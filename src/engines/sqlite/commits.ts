import { getTableName } from 'drizzle-orm'
import { commitOrigins, commits } from '../../../schema/sqlite.ts'
import type { SqliteWriter } from './transactions.ts'

const table = `"${getTableName(commits)}"`
const origins = `"${getTableName(commitOrigins)}"`

/** The number of the running transaction, in SQL. */
export const currentCommit = `(select last from ${table})`

const nextCommit = `insert into ${table} (id, last) values (1, 1)
  on conflict (id) do update set last = last + 1 returning last`
const noteOrigin = `insert into ${origins} (first, origin) select last, ? from ${table}
  where not exists (select 1 from ${origins} where origin = ?)`

/** How many transactions have stored something, and which pool stored the one of a number. */
export const commitState = `select coalesce(${currentCommit}, 0),
  (select origin from ${origins} where first <= min(?, ${currentCommit}) order by first desc limit 1)`

/**
 * Begins a transaction that stores something: it gets its number.
 *
 * @param origin names the pool, which is noted with the first number that it takes
 */
export function beginCommit(writer: SqliteWriter, origin: string): number {
  const commit = writer.prepare(nextCommit).pluck().get() as number
  writer.prepare(noteOrigin).run(origin, origin)
  return commit
}
