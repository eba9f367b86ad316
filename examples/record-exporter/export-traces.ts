// Traces of a store as records in ClickHouse: node build/record-exporter/export-traces.js DSN STORE
import { ClickHouseExporter, openStore, recordsFromTrace } from 'tracehold'

const [dsn = 'chdb:records', url = 'sqlite:records.db'] = process.argv.slice(2)
const store = await openStore(url, { migrate: true })
const exporter = new ClickHouseExporter({ dsn, createTable: true, waitForAsyncInsert: true, spanColumns: true })
try {
  for (const [i, team] of ['search', 'search', 'payments'].entries()) {
    const traceId = `run-${i}`
    const startTime = new Date(Date.UTC(2026, 10, 20, 10, i))
    await store.writers.traces.write({ traceId, metadata: { team, workflow: 'support' } })
    await store.writers.spans.write([
      { traceId, spanId: 'run', name: 'invoke_agent airline', kind: 'agent', agentName: 'airline', startTime },
      {
        ...{ traceId, spanId: 'call', parentSpanId: 'run', name: 'chat gpt-4o', kind: 'llm', startTime },
        ...{ provider: 'openai', model: 'gpt-4o', inputTokens: 1200, outputTokens: 80, costUsd: 0.25 },
      },
    ])
  }

  for (const { traceId } of (await store.traces.list()).items) {
    const trace = await store.traces.get(traceId)
    if (!trace) continue
    const result = await exporter.export(recordsFromTrace(trace))
    console.log(`${traceId}: ${result}`)
  }
} finally {
  await exporter.shutdown()
  await store.close()
}
