import { microsFromIso } from '../../../schema/time.ts'
import { batchOf, type KeptUsage, keptColumns, rowsOfBatch } from '../kept-usage.ts'
import type { ClickHouseStatements } from './statements.ts'

const names = keptColumns.map(({ name }) => name)
const version = 'toUnixTimestamp64Micro(now64(6))'
const readValue = ({ name, type }: (typeof keptColumns)[number]) => {
  if (name === 'hour') return `fromUnixTimestamp64Micro(JSONExtractInt(value, 'hour'), 'UTC')`
  return `JSONExtract(value, '${name}', '${type.startsWith('text') ? 'Nullable(String)' : 'Nullable(Int64)'}')`
}
// The same batch is never kept twice: each has an id of its own.
const add = `insert into kept_usage (${names.join(', ')}, version) settings insert_deduplicate = 0
  select ${keptColumns.map((column) => `${readValue(column)} as ${column.name}`).join(', ')}, 0
  from (select arrayJoin({p0:Array(String)}) as value)`
const pending = `select batch_id, trace_ids, horizon from kept_usage
  where project_id = {p0:String} and trace_ids is not null`
const settle = `insert into kept_usage (${names.join(', ')}, version) settings insert_deduplicate = 0
  select ${names.map((name) => (name === 'trace_ids' ? 'null' : name)).join(', ')}, ${version} from kept_usage
  where project_id = {p0:String} and batch_id = {p1:String} and trace_ids is not null`

/** What is kept of usage, in a table: the later version of a row counts. */
export const clickhouseKeptUsage = (pool: ClickHouseStatements): KeptUsage => ({
  add(projectId, batch, sums) {
    const rows = rowsOfBatch(projectId, batch, sums).map((row) => ({ ...row, hour: microsFromIso(String(row.hour)) }))
    return pool.command(add, {
      during: 'keep what traces used',
      params: { p0: rows.map((row) => JSON.stringify(row)) },
    })
  },
  pending: async (projectId) => (await pool.rows(pending, [projectId])).map(batchOf),
  settle: (projectId, batchId) =>
    pool.command(settle, { during: 'keep what traces used', params: { p0: projectId, p1: batchId } }),
})
