// What the agents cost in the last seven days, by model; zeros where nothing ran.
//   npx tsc -p examples/trace-store && node build/trace-store/weekly-cost.js sqlite:traces.db
import { openStore } from 'tracehold'

const week = 7 * 24 * 3_600_000

const store = await openStore(process.argv[2] ?? 'sqlite:traces.db', { migrate: true })
try {
  const since = new Date(Date.now() - week)
  const [all] = await store.analytics.usage({ since })
  const models = await store.analytics.usage({ since, by: ['model'], kind: 'llm' })
  console.log(
    JSON.stringify({
      runs: all?.traces ?? 0,
      costUsd: all?.costUsd ?? 0,
      averageSteps: all?.averageSteps ?? 0,
      models: models.map(({ model, costUsd, totalTokens }) => ({ model, costUsd, totalTokens })),
    }),
  )
} finally {
  await store.close()
}
