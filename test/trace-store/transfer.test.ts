import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  exportDocuments,
  exportTraces,
  InMemoryTraceStore,
  importDocuments,
  importTraces,
  openStore,
  type Store,
} from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { type EveryStore, openEveryStore } from './every-store.ts'

const selectools = (id: string) =>
  `{"run_id": "${id}", "steps": 2, "total_ms": 3.0, "created_at": "2026-03-27T10:00:00.5+00:00", "metadata": {"big": 9007199254740993, "f": 1.0, "e": 1e-07, "u": "\\u00e9"}, ` +
  `"trace": {"run_id": "${id}", "start_time": 1763000000.0, "total_duration_ms": 3.0, "step_count": 2, "steps": [` +
  '{"type": "llm_call", "timestamp": 1763000000.0, "duration_ms": 1.0, "model": "gpt-4o", "prompt_tokens": 7, "completion_tokens": 2, "cost_usd": 1e-07}, ' +
  '{"type": "tool_execution", "timestamp": 1763000000.001, "duration_ms": 2.0, "tool_name": "search", "tool_args": {"q": 10.50}, "tool_result": "x"}], ' +
  '"metadata": {"big": 9007199254740993, "f": 1.0, "e": 1e-07, "u": "\\u00e9"}}}'

const agentprobe = (id: string) =>
  `{"trace_id": "${id}", "agent_name": "airline", "model": null, "input_text": "in", "output_text": "out", "turns": [], "llm_calls": [{"call_id": "c1", "model": "gpt-4o", "input_tokens": 7, "output_tokens": 2, "input_text": "in", "output_text": "out", "latency_ms": 5, "metadata": {"t": 0.0}, "timestamp": "2026-03-27T10:00:00Z"}], "tool_calls": [], "total_input_tokens": 7, "total_output_tokens": 2, "total_latency_ms": 5, "tags": ["a"], "metadata": {"big": 9007199254740993}, "created_at": "2026-03-27T10:00:00.25Z"}`

const source = (...lines: string[]) => Readable.from([Buffer.from(lines.map((line) => `${line}\n`).join(''))])
const textOf = async (pieces: AsyncIterable<string | { text: string }>) => {
  let text = ''
  for await (const piece of pieces) text += typeof piece === 'string' ? piece : piece.text
  return text
}

describe('importTraces and exportTraces', () => {
  let every: EveryStore
  beforeAll(async () => {
    every = await openEveryStore()
  })
  afterAll(() => every.close())

  it.each(['memory', 'jsonl', 'sqlite', 'postgres'] as const)('give documents back as they came [%s]', async (name) => {
    const store = every.stores[name]
    const documents = [
      selectools('s1'),
      '{"no": "trace"}',
      selectools('s2'),
      agentprobe('a1'),
      '{"run_id": "x", "steps": [{}], "start_time": 1}',
    ]
    const { traces, rejected } = await importTraces(store, source(...documents))
    expect(traces).toBe(3)
    expect(rejected.map(({ line }) => line)).toEqual([2, 5])
    expect((await store.list()).map(({ run_id, created_at }) => [run_id, created_at])).toEqual([
      ['s2', '2026-03-27T10:00:00.500000Z'],
      ['s1', '2026-03-27T10:00:00.500000Z'],
      ['a1', '2026-03-27T10:00:00.250000Z'],
    ])
    await expect(textOf(exportTraces(store, { format: 'otlp' as never }))).rejects.toThrow(
      'must be selectools or agentprobe',
    )
    const lines = (await textOf(exportTraces(store))).split('\n')
    expect(lines.slice(0, 2)).toEqual([selectools('s2'), selectools('s1')])
    const probed = (await textOf(exportTraces(store, { format: 'agentprobe' }))).split('\n')
    expect(probed[2]).toBe(agentprobe('a1'))
    const other = new InMemoryTraceStore()
    await importTraces(other, source(lines[2] ?? ''))
    expect(await textOf(exportTraces(other, { format: 'agentprobe' }))).toBe(`${agentprobe('a1')}\n`)
    expect(JSON.parse(probed[0] ?? '')).toMatchObject({ trace_id: 's2', total_input_tokens: 7 })
    expect((await store.load('s1')).metadata).toEqual({ big: 9007199254740993n, f: 1, e: 1e-7, u: 'é' })
    expect(await store.load('a1')).toMatchObject({
      steps: [{ type: 'llm_call', prompt_tokens: 7 }],
      metadata: { big: 9007199254740993n },
    })
  })

  it.each(['memory', 'jsonl', 'sqlite', 'postgres'] as const)('give back odd numbers of a copy [%s]', async (name) => {
    const store = every.stores[name]
    const odd =
      '{"run_id": "odd", "start_time": 1763000000000000001, "steps": [{"type": "llm_call", "timestamp": 9007199254740993, "duration_ms": NaN, "cost_usd": Infinity, "prompt_tokens": 9007199254740993}]}'
    expect(await importTraces(store, source(odd))).toEqual({ traces: 1, rejected: [] })
    const loaded = await store.load('odd')
    // A copy does not know any more how its numbers were written.
    const copy = { ...loaded, steps: loaded.steps.map((step) => ({ ...step })) }
    await store.save(copy)
    expect(await store.load('odd')).toEqual(copy)
    expect((await store.list())[0]).toMatchObject({ run_id: 'odd', steps: 1 })
  })

  it('take and give integers beyond those of a float', async () => {
    const steps = (type: string) =>
      `[{"type": "${type}", "timestamp": 1, "duration_ms": 12345678901234567, "prompt_tokens": 9007199254740993}]`
    const documents = [
      '{"trace_id":"probe","agent_name":"x","llm_calls":[{"call_id":"c","model":"m","input_tokens":9007199254740993}]}',
      `{"run_id": "tool", "start_time": 1763000000000000000, "steps": ${steps('tool_execution')}}`,
      `{"run_id": "model", "start_time": 1, "steps": ${steps('llm_call')}}`,
    ]
    const store = new InMemoryTraceStore()
    expect(await importTraces(store, source(...documents))).toEqual({ traces: 3, rejected: [] })
    expect((await store.load('probe')).steps).toMatchObject([{ type: 'llm_call', prompt_tokens: 2 ** 53 }])
    const exported = (await textOf(exportTraces(store, { format: 'agentprobe' }))).trimEnd().split('\n')
    const again = new InMemoryTraceStore()
    expect(await importTraces(again, source(...exported))).toEqual({ traces: 3, rejected: [] })
    expect((await again.load('tool')).steps).toMatchObject([{ type: 'tool_execution', duration_ms: 12345678901234568 }])
  })
})

describeBackends('importDocuments and exportDocuments', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it.each([
    ['selectools', selectools],
    ['agentprobe', agentprobe],
  ] as const)('keep documents of %s exactly, however they are written in the source', async (format, document) => {
    const view = store.forProject(format)
    const lines = [document('d1'), `[${document('d2')}, ${document('d3')}]`]
    for (let i = 0; i < 2; i += 1) {
      expect(await importDocuments(view, source(...lines))).toMatchObject({ traces: 3, rejected: 0 })
      const exported = (await textOf(exportDocuments(view, { format }))).trimEnd().split('\n')
      expect(exported.sort()).toEqual([document('d1'), document('d2'), document('d3')])
    }
    const [usage] = await view.analytics.usage()
    expect(usage).toMatchObject({ inputTokens: 21, outputTokens: 6 })
    expect(await textOf(exportDocuments(view, { format, agentName: 'nobody' }))).toBe('')
  })

  it('export traces of any source in every format', async () => {
    const view = store.forProject('otlp')
    const startTime = '2026-11-20T10:00:00Z'
    await view.writers.spans.write([
      { traceId: 't1', spanId: 'a1', name: 'agent', kind: 'agent', startTime, agentName: 'x' },
      {
        traceId: 't1',
        spanId: 'b1',
        parentSpanId: 'a1',
        name: 'chat',
        kind: 'llm',
        startTime,
        model: 'm',
        inputTokens: 5,
      },
    ])
    expect(JSON.parse(await textOf(exportDocuments(view, { format: 'selectools' })))).toMatchObject({
      run_id: 't1',
      steps: 1,
      trace: { steps: [{ type: 'llm_call', model: 'm', prompt_tokens: 5 }] },
    })
    expect(JSON.parse(await textOf(exportDocuments(view, { format: 'agentprobe' })))).toMatchObject({
      trace_id: 't1',
      llm_calls: [{ model: 'm', input_tokens: 5 }],
    })
    expect(JSON.parse(await textOf(exportDocuments(view))).resourceSpans[0].scopeSpans[0].spans).toHaveLength(2)
  })

  it('refuse a run that two sources tell, by name, or keep it once when they are to be merged', async () => {
    const span = {
      traceId: 'A1',
      spanId: 'B1',
      name: 'chat',
      kind: 3,
      startTimeUnixNano: '1774605600000000000',
      attributes: [{ key: 'gen_ai.usage.input_tokens', value: { intValue: '7' } }],
    }
    const otlp = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
    for (const [project, first, second] of [
      ['a', otlp, agentprobe('a1')],
      ['b', agentprobe('a1'), otlp],
    ] as const) {
      const view = store.forProject(`twice ${project}`)
      await importDocuments(view, source(first))
      const messages: string[] = []
      const onRejected = ({ message }: { message: string }) => messages.push(message)
      expect(await importDocuments(view, source(second), { onRejected })).toMatchObject({ traces: 0, rejected: 1 })
      expect(messages[0]).toMatch(/^trace a1: .*count twice/)
      expect((await view.analytics.usage())[0]?.inputTokens).toBe(7)
      expect(await importDocuments(view, source(second), { merge: true })).toMatchObject({ traces: 1, rejected: 0 })
      expect((await view.analytics.usage())[0]?.inputTokens).toBe(7)
      expect((await textOf(exportDocuments(view, { format: 'agentprobe' }))).trimEnd()).toBe(agentprobe('a1'))
    }
  })
})
