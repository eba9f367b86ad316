import { getTableName } from 'drizzle-orm'
import { commits } from '../../../schema/sqlite.ts'

const table = `"${getTableName(commits)}"`

/** The number of the running transaction, in SQL. */
export const currentCommit = `(select last from ${table})`

/** The statement with which a transaction that stores something begins. */
export const nextCommit = `insert into ${table} (id, last) values (1, 1) on conflict (id) do update set last = last + 1`
