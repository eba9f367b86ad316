import { getTableName } from 'drizzle-orm'
import { tombstones } from '../../../schema/sqlite.ts'
import type { Pool } from '../pool.ts'
import type { Tombstones } from '../tombstones.ts'
import { sqliteDialect } from './dialect.ts'
import type { SqliteTransactions } from './transactions.ts'

const table = `"${getTableName(tombstones)}"`
const hasAny = `select exists (select 1 from ${table} where project_id = ?)`
const find = `select key, erased_at from ${table}
  where project_id = ? and entity = ? and key in (select value from json_each(?))`
const add = `insert into ${table} (project_id, entity, key, erased_at) select ?, ?, value, ? from json_each(?) where true
  on conflict (project_id, entity, key) do update set erased_at = max(erased_at, excluded.erased_at)`
const purge = `delete from ${table} where project_id = ? and erased_at < ?`

/** Tombstones in a table of the file. */
export const sqliteTombstones = (pool: SqliteTransactions & Pick<Pool, 'rows'>): Tombstones => ({
  hasAny: async (projectId) => (await pool.rows(hasAny, [projectId]))[0]?.[0] === 1,
  find: async (projectId, entity, keys) =>
    new Map((await pool.rows(find, [projectId, entity, sqliteDialect.list(keys)])) as [string, number][]),
  add: (projectId, entity, keys, erasedAt) =>
    pool.transaction('note what is erased', (writer) => {
      writer.prepare(add).run(projectId, entity, erasedAt, sqliteDialect.list(keys))
    }),
  purge: (projectId, before) =>
    pool.transaction('forget what was erased', (writer) => {
      writer.prepare(purge).run(projectId, before)
    }),
})
