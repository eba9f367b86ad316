import { getTableName } from 'drizzle-orm'
import { keptUsage } from '../../../schema/sqlite.ts'
import { microsFromIso } from '../../../schema/time.ts'
import { batchOf, type KeptUsage, keptColumns, rowsOfBatch } from '../kept-usage.ts'
import type { Pool } from '../pool.ts'
import type { SqliteTransactions } from './transactions.ts'

const table = `"${getTableName(keptUsage)}"`
const names = keptColumns.map(({ name }) => name)
const add = `insert into ${table} (${names.join(', ')})
  select ${names.map((name) => `value ->> '${name}'`).join(', ')} from json_each(?)`
const pending = `select batch_id, trace_ids, horizon from ${table} where project_id = ? and trace_ids is not null`
const settle = `update ${table} set trace_ids = null where project_id = ? and batch_id = ? and trace_ids is not null`

/** What is kept of usage, in a table of the file. */
export const sqliteKeptUsage = (pool: SqliteTransactions & Pick<Pool, 'rows'>): KeptUsage => ({
  add: (projectId, batch, sums) =>
    pool.transaction('keep what traces used', (writer) => {
      const rows = rowsOfBatch(projectId, batch, sums).map((row) => ({ ...row, hour: microsFromIso(String(row.hour)) }))
      writer.prepare(add).run(JSON.stringify(rows))
    }),
  pending: async (projectId) => (await pool.rows(pending, [projectId])).map(batchOf),
  settle: (projectId, batchId) =>
    pool.transaction('keep what traces used', (writer) => {
      writer.prepare(settle).run(projectId, batchId)
    }),
})
