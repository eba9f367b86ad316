import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { runTraceStoreConformance } from '../../src/testing/index.ts'
import { AgentprobeStorage } from '../../src/trace-store/agentprobe-storage.ts'
import { DatabaseTraceStore } from '../../src/trace-store/database.ts'
import { importTraces } from '../../src/trace-store/transfer.ts'
import { describeBackends } from '../backends.ts'

describeBackends('DatabaseTraceStore', (backend) => {
  let store: Store
  let projects = 0
  const next = () => store.forProject(`p${projects++}`)

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  runTraceStoreConformance({
    describe,
    // Hundreds of single saves, each of which is several statements on ClickHouse.
    it: (name, test) => it(name, test, 120_000),
    name: 'DatabaseTraceStore',
    open: () => ({ subject: new DatabaseTraceStore(next()) }),
  })

  it('stores steps as spans that analytics see', async () => {
    const view = next()
    const steps = [
      {
        type: 'llm_call',
        timestamp: 100,
        duration_ms: 250,
        model: 'gpt-4o',
        prompt_tokens: 10,
        completion_tokens: 5,
        cost_usd: 0.25,
      },
      {
        type: 'tool_execution',
        timestamp: 100.25,
        duration_ms: 50,
        tool_name: 'search',
        tool_args: { q: 'x' },
        tool_result: 'y',
      },
      {
        type: 'graph_node_start',
        timestamp: 100.3,
        node_name: 'plan',
        children: [{ type: 'error', timestamp: 100.4, error: 'no' }],
      },
    ]
    await new DatabaseTraceStore(view).save({ run_id: 'r1', start_time: 100, steps, metadata: { user_id: 'u1' } })
    expect(await view.analytics.usage({ by: ['kind'] })).toMatchObject([
      { kind: 'agent', spans: 1 },
      { kind: 'llm', spans: 1, inputTokens: 10, outputTokens: 5, totalTokens: 15, costUsd: 0.25 },
      { kind: 'step', spans: 2, errors: 1 },
      { kind: 'tool', spans: 1 },
    ])
    const trace = await view.traces.get('r1')
    expect(trace).toMatchObject({ userId: 'u1', stepCount: 3, stepsDurationMs: 300, spanCount: 5, status: 'error' })
    expect(trace?.spans.map(({ name, sequence }) => [name, sequence]).filter(([name]) => name !== 'run')).toEqual([
      ['chat gpt-4o', 0],
      ['execute_tool search', 1],
      ['graph_node_start plan', 2],
      ['error', 3],
    ])
    const node = trace?.spans.find(({ name }) => name === 'graph_node_start plan')
    expect(trace?.spans.at(-1)?.parentSpanId).toBe(node?.spanId)
  })

  it('loads a trace with values deeper than a column takes as it was saved, and its rows go without them', async () => {
    const view = next()
    const deep = Array.from({ length: 1_500 }).reduce<unknown>((inner) => [inner], 'core')
    const trace = {
      run_id: 'deep',
      start_time: 100,
      steps: [{ type: 'tool_execution', timestamp: 100, tool_name: 'search', tool_args: { deep }, notes: deep }],
      metadata: { team: 'a', deep },
    }
    const traces = new DatabaseTraceStore(view)
    await traces.save(trace)
    expect(JSON.stringify(await traces.load('deep'))).toBe(JSON.stringify(trace))
    const [listed] = await traces.query({ metadata_match: { team: 'a' } })
    expect(JSON.stringify(listed?.metadata)).toBe(JSON.stringify(trace.metadata))
    const { metadata, spans } = (await view.traces.get('deep')) ?? {}
    expect(metadata).toEqual({ team: 'a' })
    const step = spans?.find(({ kind }) => kind === 'tool')
    expect(step?.input).toBeNull()
    expect(step?.attributes).not.toHaveProperty('selectools.step.notes')
    expect(step?.attributes).toMatchObject({ 'gen_ai.tool.name': 'search' })
  })

  it('keeps what is changed in a trace that came from agentprobe, and a copy beside it', async () => {
    const view = next()
    const [traces, storage] = [new DatabaseTraceStore(view), new AgentprobeStorage(view)]
    const call = { call_id: 'c1', model: 'm', input_tokens: 7, latency_ms: 5, timestamp: '2026-03-27T10:00:00Z' }
    const document = { trace_id: 'ap', agent_name: 'airline', llm_calls: [call], metadata: { f: 0.5 } }
    await importTraces(traces, Readable.from([JSON.stringify(document)]))
    const loaded = await traces.load('ap')
    expect(await storage.loadTrace('ap')).toEqual(document)

    await traces.save({ ...loaded, run_id: 'copy' })
    expect((await traces.load('copy')).run_id).toBe('copy')
    expect(await traces.load('ap')).toEqual(loaded)

    const [step] = loaded.steps
    const changed = {
      ...loaded,
      metadata: { reviewed: true },
      steps: [{ type: 'llm_call', ...step, prompt_tokens: 9 }],
    }
    await traces.save(changed)
    expect(await traces.load('ap')).toEqual(changed)
    expect(await storage.loadTrace('ap')).toMatchObject({ total_input_tokens: 9, metadata: { reviewed: true } })
    expect(await view.traces.get('ap')).toMatchObject({ inputTokens: 9, spanCount: 2, metadata: { reviewed: true } })

    await traces.save(loaded)
    expect(await storage.loadTrace('ap')).toEqual(document)
    expect(await view.traces.get('ap')).toMatchObject({ inputTokens: 7, spanCount: 2, agentName: 'airline' })
  })

  it('leaves no span of a run that is saved again with fewer steps', async () => {
    const view = next()
    const traces = new DatabaseTraceStore(view)
    const steps = Array.from({ length: 5 }, (_, i) => ({ type: 'llm_call', timestamp: 100 + i, prompt_tokens: 1 }))
    await traces.save({ run_id: 'r1', start_time: 100, steps })
    await traces.save({ run_id: 'r1', start_time: 100, steps: steps.slice(0, 2) })
    expect(await view.traces.get('r1')).toMatchObject({ spanCount: 3, inputTokens: 2, stepCount: 2 })
    await traces.delete('r1')
    expect(await view.traces.get('r1')).toBeUndefined()
    expect((await view.spans.list()).items).toEqual([])
  })

  it('shows traces of other sources with their spans as steps', async () => {
    const view = next()
    const at = (ms: number) => new Date(1_763_000_000_000 + ms)
    await view.writers.spans.write([
      { traceId: 't1', spanId: 'a', name: 'agent', kind: 'agent', startTime: at(0), endTime: at(100) },
      {
        traceId: 't1',
        spanId: 'b',
        parentSpanId: 'a',
        name: 'chat',
        kind: 'llm',
        startTime: at(1),
        endTime: at(51),
        model: 'm',
      },
    ])
    const traces = new DatabaseTraceStore(view)
    expect(await traces.list()).toMatchObject([{ run_id: 't1', steps: 1, total_ms: 50, metadata: {} }])
    expect(await traces.load('t1')).toEqual({
      run_id: 't1',
      start_time: 1_763_000_000,
      steps: [{ type: 'llm_call', timestamp: 1_763_000_000.001, duration_ms: 50, model: 'm', step_number: 0 }],
    })
  })

  it('does not count twice what recorded spans of the same trace say', async () => {
    const view = next()
    const startTime = new Date(100_000)
    await view.writers.spans.write({
      traceId: 'r1',
      spanId: 'a',
      name: 'chat',
      kind: 'llm',
      startTime,
      inputTokens: 10,
    })
    const traces = new DatabaseTraceStore(view)
    const trace = { run_id: 'r1', start_time: 100, steps: [{ type: 'llm_call', timestamp: 100, prompt_tokens: 10 }] }
    await traces.save(trace)
    expect(await view.traces.get('r1')).toMatchObject({ inputTokens: 10, spanCount: 1 })
    expect(await traces.load('r1')).toEqual(trace)
  })
})
