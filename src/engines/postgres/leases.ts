import { getTableName } from 'drizzle-orm'
import { leases } from '../../../schema/postgres.ts'
import { isoFromMicros } from '../../../schema/time.ts'
import type { Leases } from '../leases.ts'
import type { PostgresTransactions } from './transactions.ts'

const table = `tracehold."${getTableName(leases)}"`
const take = `insert into ${table} as stored (project_id, name, holder, expires_at) values ($1, $2, $3, $4)
  on conflict (project_id, name) do update set holder = excluded.holder, expires_at = excluded.expires_at
  where stored.holder in (excluded.holder, $6) or stored.expires_at < $5`
const read = `select holder, (extract(epoch from expires_at) * 1000000)::float8 as expires_at from ${table}
  where project_id = $1 and name = $2`
const release = `delete from ${table} where project_id = $1 and name = $2 and holder = $3`

/** Leases in a table of the database. */
export const postgresLeases = (pool: PostgresTransactions): Leases => ({
  take: (projectId, name, { holder, expiresAt }, now, instead = holder) =>
    pool.transaction(`take the lease of ${name}`, async (connection) => {
      const times = [expiresAt, now].map((micros) => isoFromMicros(micros))
      await connection.query(take, [projectId, name, holder, ...times, instead])
      const { rows } = await connection.query<{ holder: string; expires_at: number }>(read, [projectId, name])
      const [stored] = rows
      return stored ? { holder: stored.holder, expiresAt: stored.expires_at } : { holder, expiresAt }
    }),
  release: (projectId, name, holder) =>
    pool.transaction(`give back the lease of ${name}`, async (connection) => {
      await connection.query(release, [projectId, name, holder])
    }),
})
