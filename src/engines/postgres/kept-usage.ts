import { getTableName } from 'drizzle-orm'
import { keptUsage } from '../../../schema/postgres.ts'
import { batchOf, type KeptUsage, keptColumns, rowsOfBatch } from '../kept-usage.ts'
import type { PostgresTransactions } from './transactions.ts'

const table = `tracehold."${getTableName(keptUsage)}"`
const names = keptColumns.map(({ name }) => name).join(', ')
const add = `insert into ${table} (${names}) select ${names}
  from jsonb_to_recordset($1::jsonb) as given(${keptColumns.map(({ name, type }) => `${name} ${type}`).join(', ')})`
const pending = `select batch_id, trace_ids, horizon::text from ${table} where project_id = $1 and trace_ids is not null`
const settle = `update ${table} set trace_ids = null where project_id = $1 and batch_id = $2 and trace_ids is not null`

/** What is kept of usage, in a table of the database. */
export const postgresKeptUsage = (pool: PostgresTransactions): KeptUsage => ({
  add: (projectId, batch, sums) =>
    pool.transaction('keep what traces used', async (connection) => {
      await connection.query(add, [JSON.stringify(rowsOfBatch(projectId, batch, sums))])
    }),
  pending: (projectId) =>
    pool.withConnection('look for usage that is being kept', async (connection) => {
      const { rows } = await connection.query<unknown[]>({ text: pending, values: [projectId], rowMode: 'array' })
      return rows.map(batchOf)
    }),
  settle: (projectId, batchId) =>
    pool.transaction('keep what traces used', async (connection) => {
      await connection.query(settle, [projectId, batchId])
    }),
})
