import { type Finding, ok, skipped, time, warning } from '../finding.ts'
import type { Subject } from '../subject.ts'

/** A difference that no longer is the network's doing, in milliseconds. */
const toleratedMs = 1_000

const now = {
  postgres: 'select extract(epoch from clock_timestamp()) * 1000',
  clickhouse: 'select toUnixTimestamp64Milli(now64(3))',
} as const

/** Whether the server's clock and ours agree: of two versions of a row the one with the later stamp wins. */
export async function checkClock({ pool, target }: Subject): Promise<Finding> {
  if (pool.engine === 'sqlite') return skipped('the database is a file')
  if (target.engine === 'clickhouse' && 'path' in target.place) return skipped('the engine runs in this process')
  const before = Date.now()
  const [row] = await pool.rows(now[pool.engine], [])
  const after = Date.now()
  // The server looked at its clock some time between.
  const differenceMs = Number(row?.[0]) - (before + after) / 2
  const doubtMs = (after - before) / 2
  const sense = differenceMs > 0 ? 'ahead of' : 'behind'
  const message = `the server's clock is ${time(Math.abs(differenceMs))} ${sense} this machine's`
  if (Math.abs(differenceMs) - doubtMs <= toleratedMs) return ok(message)
  return warning(message, 'Set both by NTP: the later stamp decides which version of a row wins.')
}
