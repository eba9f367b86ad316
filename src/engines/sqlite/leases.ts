import { getTableName } from 'drizzle-orm'
import { leases } from '../../../schema/sqlite.ts'
import type { Leases } from '../leases.ts'
import type { SqliteTransactions } from './transactions.ts'

const table = `"${getTableName(leases)}"`
const take = `insert into ${table} (project_id, name, holder, expires_at) values (?, ?, ?, ?)
  on conflict (project_id, name) do update set holder = excluded.holder, expires_at = excluded.expires_at
  where ${table}.holder in (excluded.holder, ?) or ${table}.expires_at < ?`
const read = `select holder, expires_at from ${table} where project_id = ? and name = ?`
const release = `delete from ${table} where project_id = ? and name = ? and holder = ?`

/** Leases in a table of the file. */
export const sqliteLeases = (pool: SqliteTransactions): Leases => ({
  take: (projectId, name, { holder, expiresAt }, now, instead = holder) =>
    pool.transaction(`take the lease of ${name}`, (writer) => {
      writer.prepare(take).run(projectId, name, holder, expiresAt, instead, now)
      const stored = writer.prepare(read).raw().get(projectId, name) as [string, number] | undefined
      return stored ? { holder: stored[0], expiresAt: stored[1] } : { holder, expiresAt }
    }),
  release: (projectId, name, holder) =>
    pool.transaction(`give back the lease of ${name}`, (writer) => {
      writer.prepare(release).run(projectId, name, holder)
    }),
})
