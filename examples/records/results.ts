// Verdicts of tests beside the traces that they judge: node build/records/results.js [URL]
import { openStore } from 'tracehold'

const store = await openStore(process.argv[2] ?? 'sqlite:records.db', { migrate: true })
try {
  const test = { suite: 'support', kind: 'test' } as const
  await store.writers.results.write([
    { ...test, resultId: '1', runId: 'v1', name: 'refund', status: 'passed', score: 0.9, time: '2026-11-20T10:00:00Z' },
    { ...test, resultId: '2', runId: 'v1', name: 'cancel', status: 'failed', score: 0.2, time: '2026-11-20T10:01:00Z' },
    { ...test, resultId: '3', runId: 'v2', name: 'refund', status: 'failed', score: 0.4, time: '2026-11-21T10:00:00Z' },
    { ...test, resultId: '4', runId: 'v2', name: 'cancel', status: 'passed', score: 0.8, time: '2026-11-21T10:01:00Z' },
  ])

  const byRun = await store.results.statistics({ suite: 'support', by: ['run'] })
  for (const { run, passRate, averageScore } of byRun) console.log(`${run}: ${passRate} passed, score ${averageScore}`)

  const { newlyFailing, newlyPassing } = await store.results.compare({ runId: 'v1' }, { runId: 'v2' })
  console.log('fails now:', newlyFailing.map(({ name }) => name).join(', '))
  console.log('passes now:', newlyPassing.map(({ name }) => name).join(', '))

  const flaky = await store.results.flaky({ suite: 'support' })
  console.log('flaky:', flaky.map(({ name, flips }) => `${name} (${flips})`).join(', '))
} finally {
  await store.close()
}
