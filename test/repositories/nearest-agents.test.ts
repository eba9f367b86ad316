import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type NewSpan, openStore, Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { runsOn } from '../runs.ts'

const startTime = '2026-11-20T10:00:00.000000Z'
const ids = ['a', 'b', 'c', 'd', 'e', 'f']

/** Small traces: parents may be missing, be the span itself, or stand in a circle. */
const traces: fc.Arbitrary<NewSpan[]> = fc.tuple(
  ...ids.map((spanId) =>
    fc.record({
      spanId: fc.constant(spanId),
      traceId: fc.constantFrom('t', 'u'),
      name: fc.constant('n'),
      kind: fc.constantFrom('agent', 'llm'),
      startTime: fc.constant(startTime),
      parentSpanId: fc.option(fc.constantFrom(...ids, 'nowhere'), { nil: undefined }),
      agentName: fc.option(fc.constantFrom('outer', 'inner', 'other'), { nil: undefined, freq: 1 }),
      inputTokens: fc.constant(1),
    }),
  ),
)

describeBackends('spans without an agent', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  const span = (spanId: string, parentSpanId: string | undefined, more: Partial<NewSpan> = {}): NewSpan => ({
    traceId: 'nested',
    spanId,
    parentSpanId,
    name: spanId,
    startTime,
    durationMs: 1,
    ...more,
  })

  it('are grouped by the agent of their nearest ancestor, whichever spans the filter finds', async () => {
    const project = new Store(store.pool, { projectId: 'nested' })
    await project.writers.spans.write([
      span('root', undefined, { agentName: 'outer' }),
      span('call', 'root', { kind: 'llm' }),
      span('tool', 'root'),
      span('inside', 'tool', { agentName: 'inner' }),
      span('step', 'inside'),
      span('deep', 'step', { kind: 'llm' }),
      span('unknown', 'nowhere', { kind: 'llm' }),
    ])
    const byAgent = async (filter: { kind?: 'llm' }) =>
      (await project.analytics.usage({ by: ['agent'], ...filter })).map(({ agent, spans }) => [agent, spans])
    expect(await byAgent({})).toEqual([
      ['inner', 3],
      ['outer', 4],
    ])
    expect(await byAgent({ kind: 'llm' })).toEqual([
      ['inner', 1],
      ['outer', 2],
    ])
    const latency = await project.analytics.latency({ by: ['agent'], kind: 'llm' })
    expect(latency.map(({ agent, count }) => [agent, count])).toEqual([
      ['inner', 1],
      ['outer', 2],
    ])
  })

  let count = 0
  it('have the agent that a walk up their parents finds, else that of their trace', async () => {
    const property = fc.asyncProperty(traces, async (spans) => {
      count += 1
      const project = new Store(store.pool, { projectId: `walk-${count}` })
      await project.writers.spans.write(spans)
      const ofTrace = new Map((await project.traces.list()).items.map((trace) => [trace.traceId, trace.agentName]))
      const expected = new Map<string | null, number>()
      for (const each of spans) {
        const agent = nearestAgent(each, spans) ?? ofTrace.get(each.traceId) ?? null
        expected.set(agent, (expected.get(agent) ?? 0) + 1)
      }
      const groups = await project.analytics.usage({ by: ['agent'] })
      expect(new Map(groups.map(({ agent, spans }) => [agent, spans]))).toEqual(expected)
    })
    await fc.assert(property, { numRuns: runsOn(backend, 40, 400) })
  })
})

function nearestAgent(span: NewSpan, spans: readonly NewSpan[]): string | undefined {
  let at: NewSpan | undefined = span
  for (let level = 0; at && level <= spans.length; level += 1) {
    if (at.agentName != null) return at.agentName
    const { traceId, parentSpanId }: NewSpan = at
    at = spans.find((other) => other.traceId === traceId && other.spanId === parentSpanId)
  }
  return undefined
}
