import { afterAll, beforeAll, expect, it } from 'vitest'
import { type NewSpan, openStore, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'

const span = (traceId: string, spanId: string, more: Partial<NewSpan> = {}): NewSpan => ({
  traceId,
  spanId,
  name: spanId,
  startTime: '2026-11-20T10:00:00Z',
  scope: { name: 'source' },
  ...more,
})

const run = (traceId: string, calls: number) => ({
  trace: { traceId, name: 'saved' },
  spans: [
    span(traceId, 'agent', { kind: 'agent', inputTokens: 10 * calls }),
    ...Array.from({ length: calls }, (_, n) =>
      span(traceId, `call-${n}`, { kind: 'llm', parentSpanId: 'agent', inputTokens: 10 }),
    ),
    // Its parent is not stored: what it reports waits.
    span(traceId, 'apart', { kind: 'llm', parentSpanId: 'later', inputTokens: 5 }),
  ],
})

describeBackends('runs that are saved', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it('count their usage once, are replaced, and grow by what comes later', async () => {
    const { writers } = store
    await writers.runs.save([run('a', 2), run('b', 3)], { source: 'source' })
    expect(await store.traces.get('a')).toMatchObject({ name: 'saved', spanCount: 4, inputTokens: 25, llmCallCount: 3 })
    await writers.spans.write(span('a', 'later', { kind: 'agent', inputTokens: 7, scope: { name: 'other' } }))
    expect(await store.traces.get('a')).toMatchObject({ spanCount: 5, inputTokens: 27 })
    await writers.runs.save([run('b', 1), run('c', 1)], { source: 'source' })
    expect(await store.traces.get('b')).toMatchObject({ spanCount: 3, inputTokens: 15 })
    expect((await store.rebuildTraces({ check: true })).differences).toEqual([])
  })
})
