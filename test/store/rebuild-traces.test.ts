import { expect, it } from 'vitest'
import { createSink } from '../../src/engines/notifying-sink.ts'
import type { NewSpan } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { suiteStore } from '../suite-store.ts'

const at = (second: number) => `2026-11-20T10:03:${String(second).padStart(2, '0')}.000000Z`

const spans: NewSpan[] = [
  { traceId: 't', spanId: 'agent', name: 'run', kind: 'agent', startTime: at(0), inputTokens: 500, outputTokens: 100 },
  {
    traceId: 't',
    spanId: 'call',
    parentSpanId: 'agent',
    name: 'chat',
    kind: 'llm',
    startTime: at(1),
    endTime: at(2),
    inputTokens: 500,
    outputTokens: 100,
  },
]

describeBackends('a rebuild of traces', (backend) => {
  const store = suiteStore(() => Promise.resolve({ url: backend.url(), drop: async () => {} }))

  it('finds nothing after writers, and spans of an agent that repeats its calls count once', async () => {
    await store().writers.spans.write(spans)
    expect(await store().rebuildTraces({ check: true })).toEqual({ traces: 1, differences: [] })
    const trace = await store().traces.get('t')
    expect(trace).toMatchObject({ inputTokens: 500, outputTokens: 100, totalTokens: 600, llmCallCount: 1 })
    const [usage] = await store().analytics.usage()
    expect(usage).toMatchObject({ spans: 2, inputTokens: 500, outputTokens: 100, totalTokens: 600 })
    const byKind = await store().analytics.usage({ by: ['kind'] })
    expect(byKind.map(({ kind, inputTokens }) => [kind, inputTokens])).toEqual([
      ['agent', 0],
      ['llm', 500],
    ])
  })

  it('counts anew what lost its last span, and says so', async () => {
    await store().writers.spans.write(spans)
    const { recounted } = store().writers.spans.stats()
    // It ends earlier now: only all spans can tell what the last end is.
    await store().writers.spans.write({ ...(spans[1] as NewSpan), endTime: at(1) })
    expect((await store().traces.get('t'))?.endTime).toBe(at(1))
    expect(store().writers.spans.stats().recounted).toBe(recounted + (backend.name === 'clickhouse' ? 0 : 1))
    await createSink(store().pool).recountTraces(store().projectId, ['t'])
    expect((await store().rebuildTraces()).differences).toEqual([])
    expect(await store().traces.get('t')).toMatchObject({ inputTokens: 500, endTime: at(1), spanCount: 2 })
  })
})
