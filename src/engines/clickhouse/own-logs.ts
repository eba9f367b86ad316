import { roomInWords } from '../disk-room.ts'
import { type Finding, ok, skipped, warning } from '../finding.ts'
import type { ClickHouseStatements } from './statements.ts'

/** From so many bytes on a log without an end is worth a warning. */
const muchRoom = 1024 ** 3

const logs = `select t.name, sum(t.total_bytes), countIf(position(t.engine_full, ' TTL ') = 0)
  from system.tables as t where t.database = 'system' and t.engine like '%MergeTree' group by t.name order by 2 desc`

/**
 * Whether the server's logs of itself, which have no end by default, take much room and go on to grow.
 *
 * @param most bytes that one without an end may have
 */
export async function checkOwnLogs(pool: Pick<ClickHouseStatements, 'rows'>, most = muchRoom): Promise<Finding> {
  const rows = (await pool.rows(logs, [])).map(([name, bytes, endless]) => ({
    ...{ name: String(name), bytes: Number(bytes), isEndless: Number(endless) > 0 },
  }))
  if (rows.length === 0) return skipped('the server writes nothing about itself, or the user may not see it')
  const all = roomInWords(rows.reduce((sum, { bytes }) => sum + bytes, 0))
  const large = rows.filter(({ bytes, isEndless }) => isEndless && bytes > most)
  if (large.length === 0) return ok(`the logs of the server about itself take ${all}`)
  const names = large.map(({ name, bytes }) => `system.${name} (${roomInWords(bytes)})`).join(', ')
  const [first] = large
  return warning(
    `logs of the server about itself grow without an end: ${names}`,
    `Give each a TTL in the configuration of the server, as docs/clickhouse.md shows; for now: ALTER TABLE system.${first?.name} MODIFY TTL event_date + INTERVAL 7 DAY`,
  )
}
