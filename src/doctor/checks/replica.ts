import { PostgresPool } from '../../engines/postgres/pool.ts'
import { parsePostgresUrl } from '../../engines/postgres/url.ts'
import { StorageError } from '../../errors.ts'
import { type Finding, failure, ok, skipped, time, warning } from '../finding.ts'
import type { Subject } from '../subject.ts'

/** A replica that is this far behind hides what was written a moment ago, in milliseconds. */
const toleratedMs = 10_000

const state = `select pg_is_in_recovery()::int,
  case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
    else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000 end`

/** Whether the replica answers, is one, and keeps up. Its loss stops nothing: reads go to the primary. */
export async function checkReplica({ config, target }: Subject): Promise<Finding> {
  if (config.replicaUrl === undefined) return skipped('none is configured')
  if (target.engine !== 'postgres') return skipped('only PostgreSQL has one')
  const address = { ...parsePostgresUrl(config.replicaUrl), standbyWillDo: true }
  const pool = await PostgresPool.open(address, { ...config, replicaUrl: undefined })
  try {
    const [row] = await pool.rows(state, [])
    const behindMs = Number(row?.[1] ?? 0)
    if (row?.[0] !== 1) return warning(`${address.location} is no replica`, 'Check the URL of the replica.')
    const message = `${address.location} answers, ${time(behindMs)} behind`
    return behindMs <= toleratedMs ? ok(message) : warning(message, 'Find out why it does not keep up.')
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    return { ...failure(error, 'ask the replica'), status: 'warning' }
  } finally {
    await pool.close()
  }
}
