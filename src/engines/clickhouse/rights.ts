import { getTableName } from 'drizzle-orm'
import { clickhouseTables } from '../../../schema/clickhouse.ts'
import { type Finding, many, ok, skipped } from '../finding.ts'
import type { ClickHouseStatements } from './statements.ts'

/** The writers' own tables. */
const internalTables = ['authored_traces', 'trace_times', 'leases', 'tombstones', 'kept_usage']

/**
 * Whether the user may read and write every table. An insert of nothing needs every right that an insert needs, and changes nothing. A delete of nothing
 * would rewrite parts: whether the user may delete is not looked at.
 */
export async function checkRights(pool: ClickHouseStatements): Promise<Finding> {
  const names = [...Object.values(clickhouseTables).map((table) => getTableName(table)), ...internalTables]
  const [row] = await pool.rows(
    "select count() from system.tables where database = currentDatabase() and name = 'traces'",
    [],
  )
  if (Number(row?.[0]) === 0) return skipped('there are no tables yet')
  for (const name of names) {
    await pool.command(`insert into ${name} select * from ${name} where 0`, { during: `write nothing to ${name}` })
  }
  // Those who follow rows ask it what is still being stored.
  await pool.rows('select count() from system.processes where 0', [])
  return ok(`the user reads and writes ${many(names.length, 'table')}`)
}
