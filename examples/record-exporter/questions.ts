// Asks the record table what it is made for: node build/record-exporter/questions.js DIRECTORY
import { createClient } from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'
import { RecordAnalytics } from 'tracehold'

// A server would be: createClient({ url: 'http://ch.example:8123' }). The cast: chdb types its connection by another copy.
const connection = createChdbConnection({ path: process.argv[2] ?? 'records' }) as never
const client = createClient({ connection })
const records = new RecordAnalytics(client)

for (const { team, costUsd } of await records.spendByTeam()) console.log(`${team}: ${costUsd} USD`)
for (const { model, durationMs } of await records.latencyByModel()) console.log(`${model}: p99 ${durationMs ?? '?'} ms`)
const since = new Date(Date.UTC(2026, 10, 30) - 90 * 86_400_000)
for (const { workflow, totalTokens } of await records.tokensByWorkflow({ since })) {
  console.log(`${workflow}: ${totalTokens} tokens`)
}
await client.close()
