import { getTableName } from 'drizzle-orm'
import type pg from 'pg'
import { tombstones } from '../../../schema/postgres.ts'
import { isoFromMicros } from '../../../schema/time.ts'
import type { Tombstones } from '../tombstones.ts'
import { postgresDialect } from './dialect.ts'
import type { PostgresTransactions } from './transactions.ts'

const table = `tracehold."${getTableName(tombstones)}"`
const mayRead = `select has_table_privilege('${table}', 'select') as is_true`
const hasAny = `select exists (select from ${table} where project_id = $1) as is_true`
const find = `select key, (extract(epoch from erased_at) * 1000000)::float8 as erased_at from ${table}
  where project_id = $1 and entity = $2 and key = any($3::text[])`
// In the order of the keys, so that two who erase do not wait in a circle.
const add = `insert into ${table} as stored (project_id, entity, key, erased_at)
  select $1, $2, key, $4::timestamptz from unnest($3::text[]) as given(key) order by key collate "C"
  on conflict (project_id, entity, key) do update set erased_at = greatest(stored.erased_at, excluded.erased_at)`
const purge = `delete from ${table} where project_id = $1 and erased_at < $2::timestamptz`

/** Tombstones in a table of the database. */
export function postgresTombstones(pool: PostgresTransactions): Tombstones {
  let isReadable = false
  const during = 'look for what was erased'
  const isTrue = async (connection: pg.PoolClient, question: string, params: string[]) =>
    (await connection.query<{ is_true: boolean }>(question, params)).rows[0]?.is_true === true
  return {
    hasAny: (projectId) =>
      pool.withConnection(during, async (connection) => {
        // A writer whose rights are older than the table writes on without it; doctor says what it lacks.
        isReadable ||= await isTrue(connection, mayRead, [])
        return isReadable && isTrue(connection, hasAny, [projectId])
      }),
    find: (projectId, entity, keys) =>
      pool.withConnection(during, async (connection) => {
        const params = [projectId, entity, postgresDialect.list(keys)]
        const { rows } = await connection.query<{ key: string; erased_at: number }>(find, params)
        return new Map(rows.map((row) => [row.key, row.erased_at]))
      }),
    add: (projectId, entity, keys, erasedAt) =>
      pool.transaction('note what is erased', async (connection) => {
        await connection.query(add, [projectId, entity, postgresDialect.list(keys), isoFromMicros(erasedAt)])
      }),
    purge: (projectId, before) =>
      pool.transaction('forget what was erased', async (connection) => {
        await connection.query(purge, [projectId, isoFromMicros(before)])
      }),
  }
}
