import { afterAll, beforeAll, expect, it } from 'vitest'
import { FormatError } from '../../src/errors.ts'
import { exportDocuments } from '../../src/export/export-documents.ts'
import { importDocuments } from '../../src/import/import-documents.ts'
import type { ImportProgress } from '../../src/import/import-report.ts'
import type { ImportRejection } from '../../src/ingest/rejection.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackends } from '../backends.ts'
import { agentRun, otlpLine } from '../cli/sample-traces.ts'

async function* pieces(text: string, size = 700): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

/** A run with 7 tokens as a line of agentprobe: it weighs as much in a chunk as twenty spans. */
const agentprobe = (traceId: string) => {
  const call = { call_id: 'c1', model: 'gpt-5', input_tokens: 7, output_tokens: 2, timestamp: '2026-11-20T10:00:00Z' }
  return JSON.stringify({ trace_id: traceId, agent_name: 'support', llm_calls: [call] })
}

/** Spans of a trace as a line of OTLP, of which the first tells the 7 tokens. */
const recorded = (traceId: string, count = 1) =>
  otlpLine(
    traceId,
    Array.from({ length: count }, (_, n) => ({
      spanId: `b${n}`,
      name: 'chat',
      from: 0,
      to: 5,
      attributes: n === 0 ? { 'gen_ai.usage.input_tokens': 7 } : {},
    })),
  )

const nothing = {
  traces: 0,
  spans: 0,
  events: 0,
  results: 0,
  metrics: 0,
  points: 0,
  logs: 0,
  rejected: 0,
  repaired: 0,
  readers: expect.any(Array),
}

describeBackends('importDocuments', (backend) => {
  let store: Store
  let projects = 0
  const project = () => store.forProject(`import-${projects++}`)

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it('stores what the documents hold, and says how much', async () => {
    const target = project()
    const report = await importDocuments(target, pieces([agentRun('t1'), agentRun('t2')].join('\n')))
    expect(report).toEqual({ ...nothing, traces: 2, spans: 6, events: 2 })
    const trace = await target.traces.get('t1')
    expect(trace).toMatchObject({ name: 'invoke_agent support', spanCount: 3, inputTokens: 1200, outputTokens: 34 })
    expect(trace?.spans[1]?.events).toMatchObject([{ name: 'first token' }])
  })

  it('changes nothing when the same source comes again', async () => {
    const target = project()
    const text = [agentRun('t1'), agentRun('t2', { error: 'no seats' })].join('\n')
    const first = await importDocuments(target, pieces(text))
    const [before] = await target.analytics.usage()
    expect(await importDocuments(target, pieces(text))).toEqual(first)
    expect(await target.analytics.usage()).toEqual([before])
  })

  it('leaves out broken lines and parts, names their lines, and stores the rest', async () => {
    const target = project()
    const backwards = otlpLine('t3', [{ spanId: '', name: 'without an id', from: 1, to: 5, events: ['lost'] }])
    const lines = [agentRun('t1'), '{"broken', backwards, '{"unknown":true}', agentRun('t2')]
    const rejections: ImportRejection[] = []
    const report = await importDocuments(target, pieces(lines.join('\n')), {
      onRejected: (each) => rejections.push(each),
    })
    expect(report).toMatchObject({ traces: 2, spans: 6, rejected: rejections.length })
    expect(new Set(rejections.map(({ line }) => line))).toEqual(new Set([2, 3, 4]))
    expect((await target.traces.list()).items.map(({ traceId }) => traceId).sort()).toEqual(['t1', 't2'])
  })

  it('leaves out documents that are too deep to be read again, and stores the rest', async () => {
    const target = project()
    const deep = `{"n": 1.0, "deep": ${'['.repeat(20_000)}${']'.repeat(20_000)}}`
    const deepTrace = `{"trace_id":"deep","agent_name":"x","turns":[],"metadata":${deep}}`
    const lines = [
      agentprobe('t1'),
      deepTrace,
      `{"result_id":"deep","test_name":"x","status":"passed","trace":${deepTrace}}`,
      `{"metric_name":"deep","value":1,"metadata":${deep}}`,
      `{"run_id":"deep","start_time":1,"steps":[],"metadata":${deep}}`,
      agentprobe('t2'),
    ]
    const rejections: ImportRejection[] = []
    const report = await importDocuments(target, pieces(lines.join('\n'), 65_536), {
      onRejected: (each) => rejections.push(each),
    })
    expect(report).toMatchObject({ traces: 2, results: 0, points: 0, rejected: 4 })
    expect(rejections.map(({ line }) => line)).toEqual([2, 3, 4, 5])
    for (const { message } of rejections) expect(message).toMatch(/nested (too deeply|deeper than 1500 levels)/)
  })

  it('stores documents with integers beyond those of a float, and all others', async () => {
    const target = project()
    const [run, probe] = [
      '{"run_id":"run","start_time":1763000000000000000,"steps":[]}',
      '{"trace_id":"probe","agent_name":"x","llm_calls":[{"call_id":"c","model":"m","input_tokens":9007199254740993}]}',
    ]
    expect(await importDocuments(target, pieces([run, probe, agentRun('t1')].join('\n')))).toMatchObject({
      traces: 3,
      rejected: 0,
      repaired: 0,
    })
    let text = ''
    for await (const piece of exportDocuments(target, { format: 'agentprobe', traceId: 'probe' })) text += piece.text
    expect(text.trimEnd()).toBe(probe)
  })

  it('names the line of a span that the writer refuses, and leaves out its events', async () => {
    const target = project()
    const nameless = otlpLine('x'.repeat(300), [{ spanId: 'a1', name: 'long id', from: 0, to: 1, events: ['lost'] }])
    const rejections: ImportRejection[] = []
    const report = await importDocuments(target, pieces(`${agentRun('t1')}\n${nameless}`), {
      onRejected: (each) => rejections.push(each),
    })
    expect(report).toEqual({ ...nothing, traces: 1, spans: 3, events: 1, rejected: 2 })
    expect(rejections).toEqual([
      { line: 2, message: expect.stringMatching(/^span a1: traceId must be at most 256/) },
      { line: 2, message: 'event 0 of span a1: belongs to a span that was left out' },
    ])
  })

  it('names every refused record, however many there are', async () => {
    const target = project()
    const spans = Array.from({ length: 1500 }, (_, i) => ({
      spanId: `${i}`.repeat(300),
      name: 'long id',
      from: 0,
      to: 1,
    }))
    let named = 0
    const report = await importDocuments(target, pieces(`${agentRun('t1')}\n${otlpLine('t2', spans)}`, 65_536), {
      onRejected: () => {
        named += 1
      },
    })
    expect(report).toEqual({ ...nothing, traces: 1, spans: 3, events: 1, rejected: 1500 })
    expect(named).toBe(1500)
  })

  it('counts a trace of two sources once when they share the set of ids', async () => {
    const target = project()
    const traceIds = new Set<string>()
    const first = await importDocuments(target, pieces([agentRun('t1'), agentRun('t2')].join('\n')), { traceIds })
    const second = await importDocuments(target, pieces([agentRun('t2'), agentRun('t3')].join('\n')), { traceIds })
    expect([first.traces, second.traces, traceIds.size]).toEqual([2, 1, 3])
  })

  it('tells how far it is, up to the end', async () => {
    const text = Array.from({ length: 3000 }, (_, i) => agentRun(`t${i}`)).join('\n')
    const progress: ImportProgress[] = []
    const target = project()
    const report = await importDocuments(target, pieces(text, 65_536), { onProgress: (now) => progress.push(now) })
    expect(report).toEqual({ ...nothing, traces: 3000, spans: 9000, events: 3000 })
    expect(progress.at(-1)).toEqual({ ...report, bytesRead: Buffer.byteLength(text) })
    const counts = progress.map(({ spans }) => spans)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect(new Set(counts).size).toBeGreaterThan(2)
    expect(await target.analytics.usage()).toMatchObject([{ spans: 9000, inputTokens: 3000 * 1200 }])
  })

  it('refuses a source in which nothing is of a known format', async () => {
    const target = project()
    await expect(importDocuments(target, pieces('{"unknown":true}'))).rejects.toThrow(FormatError)
    await expect(importDocuments(target, pieces('a,b\n1,2\n'))).rejects.toThrow(/no JSON in it.*OTLP/)
    expect(await target.traces.list()).toMatchObject({ items: [] })
  })

  it('finds nothing in an empty source', async () => {
    expect(await importDocuments(project(), pieces(''))).toEqual(nothing)
    expect(await importDocuments(project(), pieces('{"resourceSpans":[]}'))).toEqual(nothing)
  })

  it('passes on a failure of the source', async () => {
    async function* torn() {
      yield `${agentRun('t1')}\n`
      throw new Error('the disk is gone')
    }
    await expect(importDocuments(project(), torn())).rejects.toThrow('the disk is gone')
  })

  it.each([
    ['documents before spans', false],
    ['documents before spans, merged', true],
    ['spans before documents', false],
    ['spans before documents, merged', true],
  ])('counts no run twice, also where another chunk tells it again: %s', async (order, merge) => {
    const target = project()
    const ids = Array.from({ length: 200 }, (_, n) => `t${n}`)
    // Either half fills a chunk.
    const halves = [ids.map(agentprobe), ids.map((id) => recorded(id, 20))]
    const lines = (order.startsWith('documents') ? halves : halves.reverse()).flat()
    const report = await importDocuments(target, pieces(lines.join('\n'), 65_536), { merge })
    expect(report).toMatchObject({ traces: 200, rejected: merge ? 0 : 200 })
    const { items } = await target.traces.list({ limit: 200 })
    expect(new Set(items.map(({ inputTokens }) => inputTokens))).toEqual(new Set([7]))
  })

  it('keeps the last line of a span and of a result, also where the first is in a chunk of slow records', async () => {
    const target = project()
    const result = (testName: string) => JSON.stringify({ result_id: 'r1', test_name: testName, status: 'passed' })
    const lines = (name: string) => [otlpLine('t', [{ spanId: 'b0', name, from: 0, to: 5 }]), result(name)]
    const documents = Array.from({ length: 200 }, (_, n) => agentprobe(`d${n}`))
    const text = [...lines('first'), ...documents, ...lines('last')].join('\n')
    expect(await importDocuments(target, pieces(text, 65_536))).toMatchObject({ traces: 201, rejected: 0 })
    expect(await target.spans.list({ traceId: 't' })).toMatchObject({ items: [{ name: 'last' }] })
    expect(await target.results.list()).toMatchObject({ items: [{ name: 'last' }] })
  })

  it('merges: spans of a document stay until recorded ones are stored in their place', async () => {
    const target = project()
    await importDocuments(target, pieces([agentprobe('t1'), agentprobe('t2')].join('\n')))
    const refused = otlpLine('t1', [{ spanId: 'b'.repeat(300), name: 'long id', from: 0, to: 5 }])
    const report = await importDocuments(target, pieces([refused, recorded('t2')].join('\n')), { merge: true })
    expect(report).toMatchObject({ traces: 1, spans: 1, rejected: 1 })
    expect(await target.traces.get('t1')).toMatchObject({ spanCount: 2, inputTokens: 7, spans: { length: 2 } })
    expect(await target.traces.get('t2')).toMatchObject({ spanCount: 1, inputTokens: 7, spans: [{ name: 'chat' }] })
  })

  it('changes nothing when the export of a saved document comes again, merged or not', async () => {
    const saved = project()
    await importDocuments(saved, pieces(agentprobe('t1')))
    let text = ''
    for await (const piece of exportDocuments(saved)) text += piece.text
    const target = project()
    const first = await importDocuments(target, pieces(text))
    expect(first).toEqual({ ...nothing, traces: 1, spans: 2 })
    const [before] = await target.analytics.usage()
    for (const merge of [false, true]) {
      expect(await importDocuments(target, pieces(text), { merge })).toEqual(first)
      expect(await target.analytics.usage()).toEqual([before])
      expect(await target.traces.get('t1')).toMatchObject({ spanCount: 2, inputTokens: 7, spans: { length: 2 } })
    }
    // Recorded spans of the same run are still the second to tell it.
    expect(await importDocuments(target, pieces(recorded('t1')))).toMatchObject({ traces: 0, rejected: 1 })
    expect(await importDocuments(target, pieces(recorded('t1')), { merge: true })).toMatchObject({ spans: 1 })
    expect(await target.traces.get('t1')).toMatchObject({ spanCount: 1, inputTokens: 7, spans: [{ name: 'chat' }] })
  })
})
