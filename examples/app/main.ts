// An app with users of its own that asks what its agents cost each of them.
//   npx tsc -p examples/app && node build/app/main.js sqlite:app.db
import { openStore } from 'tracehold'
import { spendOnPostgres } from './spend-on-postgres.ts'
import { spendOnSqlite } from './spend-on-sqlite.ts'

const url = process.argv[2] ?? 'sqlite:app.db'

const store = await openStore(url, { migrate: true })
try {
  const call = { name: 'chat gpt-4o', kind: 'llm', startTime: new Date(), status: 'ok' } as const
  await store.writers.spans.write([
    { ...call, traceId: 'trip-1', spanId: 'a', userId: 'ada', inputTokens: 900, outputTokens: 100 },
    { ...call, traceId: 'trip-1', spanId: 'b', userId: 'ada', inputTokens: 400, outputTokens: 50 },
    { ...call, traceId: 'trip-2', spanId: 'a', userId: 'ben', inputTokens: 300, outputTokens: 20 },
  ])
} finally {
  await store.close()
}

const spend = url.startsWith('sqlite:') ? spendOnSqlite(url.slice('sqlite:'.length)) : await spendOnPostgres(url)
console.log(JSON.stringify(spend))
