import { afterAll, beforeAll, expect, it } from 'vitest'
import { AgentprobeStorage, openStore, type Store, saveOnRunEnd, writeLlmSpan } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'

const trace = (trace_id: string, rest: object = {}) => ({
  trace_id,
  agent_name: 'airline',
  model: null,
  input_text: 'in',
  output_text: 'out',
  turns: [],
  llm_calls: [],
  tool_calls: [],
  total_input_tokens: 7,
  total_output_tokens: 2,
  total_latency_ms: 5,
  tags: [],
  metadata: {},
  created_at: '2026-03-27T10:00:00.25Z',
  ...rest,
})
const result = (result_id: string, rest: object = {}) => ({
  result_id,
  test_name: 'books',
  status: 'passed' as const,
  score: 0.5,
  duration_ms: 5,
  trace: null,
  eval_results: [],
  assertion_results: [],
  error_message: null,
  created_at: '2026-03-27T10:00:00Z',
  ...rest,
})

describeBackends('AgentprobeStorage', (backend) => {
  let store: Store
  let projects = 0
  const open = () => new AgentprobeStorage(store.forProject(`p${projects++}`))

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it('sets up twice', async () => {
    const storage = open()
    await storage.setup()
    await storage.setup()
  })

  it('saves, loads and lists traces, newest first, by agent', async () => {
    const storage = open()
    const documents = [
      trace('a', { created_at: '2026-03-27T10:00:00Z' }),
      trace('b', { agent_name: 'hotel' }),
      trace('c', { created_at: '2026-03-28T10:00:00+00:00', extra: { x: [1.5] } }),
    ]
    for (const document of documents) await storage.saveTrace(document)
    expect(await storage.loadTrace('c')).toEqual(documents[2])
    expect(await storage.loadTrace('nowhere')).toBeUndefined()
    expect((await storage.listTraces()).map(({ trace_id }) => trace_id)).toEqual(['c', 'b', 'a'])
    expect((await storage.listTraces('')).length).toBe(3)
    expect(await storage.listTraces('hotel')).toEqual([documents[1]])
    expect(await storage.listTraces(undefined, 1)).toEqual([documents[2]])
    await storage.saveTrace(trace('b', { agent_name: 'train' }))
    expect(await storage.listTraces('hotel')).toEqual([])
    await expect(storage.saveTrace({ trace_id: '' } as never)).rejects.toThrow('Invalid trace')
  })

  it('refuses documents that are too deep to be read again, and keeps deep ones', async () => {
    const storage = open()
    const nested = (levels: number) => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 1.5)
    const deep = trace('deep', { metadata: { deep: nested(1_400) } })
    await storage.saveTrace(deep)
    await storage.saveMetrics([{ metric_name: 'm', value: 1, metadata: { deep: nested(1_400) } }])
    for (const levels of [1_600, 100_000]) {
      const metadata = { deep: nested(levels) }
      const refused = [
        storage.saveTrace(trace('t', { metadata })),
        storage.saveResult(result('r', { trace: trace('t', { metadata }) })),
        storage.saveMetrics([{ metric_name: 'm', value: 1, metadata }]),
      ]
      for (const each of await Promise.allSettled(refused)) {
        expect(each).toMatchObject({ status: 'rejected', reason: { name: 'FormatError' } })
      }
    }
    expect(JSON.stringify(await storage.listTraces())).toBe(JSON.stringify([deep]))
    expect(await storage.loadResults()).toEqual([])
    expect(await storage.loadMetrics()).toHaveLength(1)
  })

  it('keeps totals of a trace without calls', async () => {
    const view = store.forProject(`p${projects++}`)
    await new AgentprobeStorage(view).saveTrace(trace('a'))
    expect(await view.traces.get('a')).toMatchObject({
      inputTokens: 7,
      outputTokens: 2,
      durationMs: 5,
      agentName: 'airline',
    })
  })

  it('saves a result with the trace that it embeds, and gives it back as it came', async () => {
    const storage = open()
    const documents = [
      result('r1', { trace: trace('t1') }),
      result('r2', { created_at: '2026-03-28T10:00:00Z', test_name: 'pays' }),
    ]
    for (const document of documents) await storage.saveResult(document)
    expect(await storage.loadTrace('t1')).toEqual(trace('t1'))
    await storage.saveTrace(trace('t1', { output_text: 'changed' }))
    expect(await storage.loadResult('r1')).toEqual(documents[0])
    expect(await storage.loadResult('nowhere')).toBeUndefined()
    expect((await storage.loadResults()).map(({ result_id }) => result_id)).toEqual(['r2', 'r1'])
    expect(await storage.loadResults('pays')).toEqual([documents[1]])
    await expect(storage.saveResult(result('r3', { score: 2 }))).rejects.toThrow('score')
  })

  it('gives back documents with values deeper than columns take', async () => {
    const storage = open()
    const deep = Array.from({ length: 1_200 }).reduce<unknown>((inner) => [inner], 'core')
    const call = { call_id: 'c', tool_name: 'search', tool_input: { deep }, tool_output: deep, latency_ms: 5 }
    const given = trace('deep', { tool_calls: [{ ...call, timestamp: '2026-03-27T10:00:00Z' }], metadata: { deep } })
    await storage.saveTrace(given)
    expect(JSON.stringify((await storage.loadTrace('deep'))?.tool_calls)).toBe(JSON.stringify(given.tool_calls))
    const judged = { eval_id: 'e', evaluator_name: 'judge', verdict: 'pass', score: 1, metadata: { deep } }
    const asserted = { assertion_type: 'equals', passed: true, expected: deep, actual: deep }
    await storage.saveResult(result('deep', { eval_results: [judged], assertion_results: [asserted] }))
    const loaded = await storage.loadResult('deep')
    expect(JSON.stringify(loaded?.assertion_results)).toBe(JSON.stringify([asserted]))
    const value = { metric_name: 'm', value: 5, tags: [], metadata: { deep }, timestamp: '2026-03-27T10:00:00Z' }
    await storage.saveMetrics([value])
    expect(JSON.stringify(await storage.loadMetrics('m'))).toContain(JSON.stringify(deep))
  })

  it('appends values of metrics, all or none', async () => {
    const storage = open()
    await storage.saveMetrics([])
    const value = { metric_name: 'latency_ms', value: 5, tags: [], metadata: {}, timestamp: '2026-03-27T10:00:00Z' }
    await storage.saveMetrics([value, { ...value, metric_name: 'cost', value: 0.25 }])
    await storage.saveMetrics([value])
    expect(await storage.loadMetrics('latency_ms')).toEqual([value, value])
    expect(await storage.loadMetrics()).toHaveLength(3)
    expect(await storage.loadMetrics(null, 1)).toHaveLength(1)
    await expect(storage.saveMetrics([value, { ...value, value: Number.NaN }])).rejects.toThrow('metric 1')
    expect(await storage.loadMetrics()).toHaveLength(3)
  })

  it('writeLlmSpan waits for its span where writers acknowledge what is queued', async () => {
    const queueing = await openStore(backend.url(), { writers: { ack: 'queued' } })
    const { spanId } = await writeLlmSpan(queueing, { provider: 'openai', model: 'gpt-4o', input: 'Hi', traceId: 'q' })
    expect(await store.spans.get('q', spanId)).toMatchObject({ model: 'gpt-4o' })
    await queueing.close()
  })

  it('writeLlmSpan resolves to the stored span, and makes one trace of a request', async () => {
    const view = store.forProject(`p${projects++}`)
    const call = {
      provider: 'openai',
      model: 'gpt-4o',
      input: { type: 'chat', messages: [{ role: 'user', content: 'Hi' }] },
      requestId: 'q1',
      sessionId: 's1',
    } as const
    const spans = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        writeLlmSpan(view, {
          ...call,
          output: { content: 'Hello', finishReason: 'stop' },
          usage: { inputTokens: 8, outputTokens: i },
          costUsd: 0.5,
          latencyMs: 20,
        }),
      ),
    )
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    expect(spans[3]).toMatchObject({
      provider: 'openai',
      model: 'gpt-4o',
      kind: 'llm',
      status: 'ok',
      inputTokens: 8,
      outputTokens: 3,
      totalTokens: 11,
      durationMs: 20,
      finishReasons: ['stop'],
      output: 'Hello',
    })
    expect(await view.traces.get(spans[0]?.traceId ?? '', { spans: false })).toMatchObject({
      spanCount: 8,
      inputTokens: 64,
      costUsd: 4,
      sessionId: 's1',
    })
    const failed = await writeLlmSpan(view, {
      provider: 'x',
      model: 'm',
      input: 'Hi',
      error: { type: 'timeout', message: 'too late' },
      traceId: 'mine',
    })
    expect(failed).toMatchObject({
      traceId: 'mine',
      status: 'error',
      errorType: 'timeout',
      statusMessage: 'too late',
      input: 'Hi',
    })
  })
})

it('saveOnRunEnd saves, and never breaks the run', async () => {
  const { InMemoryTraceStore } = await import('../../src/index.ts')
  const traces = new InMemoryTraceStore()
  expect(await saveOnRunEnd(traces)({ run_id: 'r1', start_time: 1, steps: [] })).toBe('r1')
  const errors: unknown[] = []
  const broken = Object.assign(new InMemoryTraceStore(), {
    save: () => {
      throw new Error('no disk')
    },
  })
  const onError = (error: unknown) => {
    errors.push(error)
    throw new Error('the observer fails too')
  }
  expect(await saveOnRunEnd(broken, { onError })({ run_id: 'r1', start_time: 1, steps: [] })).toBeUndefined()
  expect(errors).toHaveLength(1)
})
