import { oldestServer as oldestClickHouse } from '../../engines/clickhouse/migrations.ts'
import { oldestServer as oldestPostgres } from '../../engines/postgres/migrations.ts'
import type { PostgresPool } from '../../engines/postgres/pool.ts'
import { engineNames, type Finding, failed, ok, warning } from '../finding.ts'
import type { Subject } from '../subject.ts'

/** Whether the server is new enough, and takes writes. */
export async function checkServer({ pool }: Subject): Promise<Finding> {
  const { version = '' } = await pool.health()
  const name = `${engineNames[pool.engine]} ${version.split(' ', 1)[0]}`
  // SQLite comes with its driver.
  if (pool.engine === 'sqlite') return ok(name)
  const oldest = pool.engine === 'postgres' ? [oldestPostgres] : oldestClickHouse
  if (isOlder(version, oldest)) return failed(`${name} is too old`, `Upgrade it to ${oldest.join('.')} or newer.`)
  if (pool.engine === 'postgres' && (await isStandby(pool))) {
    return warning(`${name} is a standby and takes no writes`, 'Name the primary in the URL.')
  }
  return ok(name)
}

/** Asked where writes go: of several servers, reads may be at another. */
function isStandby(pool: PostgresPool): Promise<boolean> {
  return pool.withConnection('ask the server', async (connection) => {
    const { rows } = await connection.query<{ standby: boolean }>('select pg_is_in_recovery() as standby')
    return rows[0]?.standby === true
  })
}

/** Whether a version's numbers come before others. */
export function isOlder(version: string, oldest: readonly number[]): boolean {
  const numbers = version.split('.', oldest.length).map(Number.parseFloat)
  for (const [n, wanted] of oldest.entries()) {
    const difference = (numbers[n] ?? 0) - wanted
    if (difference !== 0) return difference < 0
  }
  return false
}
