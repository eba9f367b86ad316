// The first lines of the README, as they run: node build/examples/quickstart.js [URL]
import { openStore } from 'tracehold'

const store = await openStore(process.argv[2] ?? 'sqlite:traces.db', { migrate: true })
try {
  const chat = { name: 'chat gpt-5', kind: 'llm', provider: 'openai', model: 'gpt-5', status: 'ok' } as const
  await store.writers.spans.write([
    {
      traceId: 't1',
      spanId: 'a',
      name: 'invoke_agent support',
      kind: 'agent',
      agentName: 'support',
      startTime: '2026-11-20T10:03:00.000000Z',
      endTime: '2026-11-20T10:03:04.000000Z',
      status: 'ok',
    },
    {
      ...chat,
      traceId: 't1',
      spanId: 'b',
      parentSpanId: 'a',
      startTime: '2026-11-20T10:03:01.000000Z',
      endTime: '2026-11-20T10:03:03.500000Z',
      inputTokens: 1200,
      outputTokens: 80,
      costUsd: 0.0021,
    },
  ])

  const page = await store.traces.list({ agentName: 'support', since: new Date('2026-11-01'), limit: 50 })
  const trace = await store.traces.get('t1')
  const spend = await store.analytics.usage({ by: ['provider', 'model'] })
  console.log(JSON.stringify({ listed: page.items.length, spans: trace?.spans.length, spend }))
} finally {
  await store.close()
}
