import type { CommitOrder } from '../commit-order.ts'
import type { Pool } from '../pool.ts'

const now = 'toUnixTimestamp64Micro(now64(6))'
const horizon = `select least(${now} - 1000, ifNull(min(${now} - toInt64(ceil(elapsed * 1000000))), ${now}))
  from system.processes where query_kind in ('Insert', 'AsyncInsertFlush')`

/**
 * What serves as the number of a transaction is the instant at which an INSERT began, in microseconds. An INSERT that
 * runs is known to the server, with its start, before its rows get their number: so what began before the oldest of them
 * is to be seen. Numbers that are instants stay right in a restored backup, and on every replica.
 */
export const clickhouseCommitOrder = (pool: Pick<Pool, 'rows'>): CommitOrder => ({
  async now() {
    const [row] = await pool.rows(horizon, [])
    return { horizon: Number(row?.[0]), history: '' }
  },
})
