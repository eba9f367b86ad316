import { afterAll, beforeAll, expect, it } from 'vitest'
import { exportDocuments } from '../../src/export/export-documents.ts'
import { importDocuments } from '../../src/import/import-documents.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackends } from '../backends.ts'
import { otlpAttributes, otlpSpan } from '../formats/otlp-spans.ts'

// Events, spans and metrics in the shapes of https://docs.claude.com/en/docs/claude-code/monitoring-usage
const second = (n: number) => String((1_764_547_200n + BigInt(n)) * 1_000_000_000n)

async function* line(...documents: readonly object[]) {
  yield documents.map((each) => JSON.stringify(each)).join('\n')
}

interface Told {
  readonly session: string
  readonly prompt?: string
}

const event = (at: number, name: string, { session, prompt }: Told, attributes: Record<string, unknown>) => ({
  timeUnixNano: second(at),
  body: { stringValue: `claude_code.${name}` },
  attributes: otlpAttributes({
    'event.name': name,
    'session.id': session,
    'user.id': 'u1',
    ...(prompt && { 'prompt.id': prompt }),
    ...attributes,
  }),
})

const logs = (...logRecords: readonly object[]) => ({
  resourceLogs: [
    { scopeLogs: [{ scope: { name: 'com.anthropic.claude_code.events', version: '2.1.0' }, logRecords }] },
  ],
})

const usage = { model: 'claude-a', input_tokens: 10, output_tokens: 5, cache_read_tokens: 100, cost_usd: 0.25 }

const prompt = (told: Told) =>
  logs(
    event(0, 'user_prompt', told, { prompt: 'fix the test', prompt_length: 12 }),
    event(4, 'api_request', told, { ...usage, duration_ms: 3000, request_id: `req-${told.session}` }),
    event(6, 'tool_result', told, {
      tool_name: 'Bash',
      success: 'false',
      duration_ms: 900,
      tool_use_id: `tool-${told.session}`,
    }),
  )

const spans = (session: string) => ({
  resourceSpans: [
    {
      scopeSpans: [
        {
          scope: { name: 'com.anthropic.claude_code.tracing' },
          spans: [
            otlpSpan({
              traceId: `${session.padEnd(32, '0')}`,
              spanId: '00000000000000a1',
              name: 'claude_code.llm_request',
              startTimeUnixNano: second(1),
              endTimeUnixNano: second(4),
              attributes: otlpAttributes({ 'session.id': session, ...usage, request_id: `req-${session}` }),
            }),
          ],
        },
      ],
    },
  ],
})

const metrics = (session: string, at = 10) => {
  const point = (value: number, type?: string) => ({
    startTimeUnixNano: second(0),
    timeUnixNano: second(at),
    asDouble: value,
    attributes: otlpAttributes({ 'session.id': session, model: 'claude-a', ...(type && { type }) }),
  })
  const sum = (...dataPoints: readonly object[]) => ({ aggregationTemporality: 1, isMonotonic: true, dataPoints })
  return {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            scope: { name: 'com.anthropic.claude_code' },
            metrics: [
              {
                name: 'claude_code.token.usage',
                sum: sum(point(10, 'input'), point(5, 'output'), point(100, 'cacheRead')),
              },
              { name: 'claude_code.cost.usage', sum: sum(point(0.25)) },
            ],
          },
        ],
      },
    ],
  }
}

describeBackends('Claude Code', (backend) => {
  let store: Store
  let projects = 0
  const project = () => store.forProject(`claude-${projects++}`)
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  const totals = async (target: Store, sessionId: string) => {
    const [row] = await target.analytics.runs({ sessionId })
    return { input: row?.inputTokens ?? 0, output: row?.outputTokens ?? 0, cost: row?.costUsd ?? 0 }
  }
  const once = { input: 110, output: 5, cost: 0.25 }

  it('makes a trace of the events of a prompt', async () => {
    const target = project()
    await importDocuments(target, line(prompt({ session: 'abc', prompt: 'p1' })))
    const [summary] = (await target.traces.list({ sessionId: 'abc' })).items
    expect(summary).toMatchObject({ sessionId: 'abc', userId: 'u1', llmCallCount: 1, toolCallCount: 1, errorCount: 1 })
    const trace = await target.traces.get(summary?.traceId ?? '')
    const found = Object.fromEntries((trace?.spans ?? []).map((span) => [span.name, span]))
    expect(found['claude_code.interaction']).toMatchObject({ kind: 'agent', input: 'fix the test', parentSpanId: null })
    expect(found['claude_code.llm_request']).toMatchObject({
      kind: 'llm',
      model: 'claude-a',
      inputTokens: 110,
      cacheReadTokens: 100,
      durationMs: 3000,
      parentSpanId: found['claude_code.interaction']?.spanId,
      reader: 'claude-code@1',
    })
    expect(found['claude_code.tool']).toMatchObject({ kind: 'tool', toolName: 'Bash', status: 'error' })
    expect(await totals(target, 'abc')).toEqual(once)
  })

  it('stores the events once, however often they come', async () => {
    const target = project()
    for (let i = 0; i < 2; i += 1) await importDocuments(target, line(prompt({ session: 'abc', prompt: 'p1' })))
    expect(await target.spans.count({ sessionId: 'abc' })).toBe(3)
    expect(await target.logs.count({})).toBe(3)
  })

  it('exports no span that was derived', async () => {
    const target = project()
    await importDocuments(target, line(prompt({ session: 'abc', prompt: 'p1' }), metrics('def')))
    let text = ''
    for await (const piece of exportDocuments(target)) text += piece.text
    expect(text).not.toContain('"spans"')
  })

  it.each([
    ['spans before events', [spans('abc'), prompt({ session: 'abc', prompt: 'p1' })]],
    ['events before spans', [prompt({ session: 'abc', prompt: 'p1' }), spans('abc')]],
    ['metrics before events', [metrics('abc'), prompt({ session: 'abc', prompt: 'p1' })]],
    ['events before metrics', [prompt({ session: 'abc', prompt: 'p1' }), metrics('abc')]],
    ['spans before metrics', [spans('abc'), metrics('abc')]],
    ['metrics before spans', [metrics('abc'), spans('abc')]],
    ['metrics alone', [metrics('abc')]],
  ])('counts each call once: %s', async (_, documents) => {
    const [apart, together] = [project(), project()]
    for (const document of documents) await importDocuments(apart, line(document))
    await importDocuments(together, line(...documents))
    expect(await totals(apart, 'abc')).toEqual(once)
    expect(await totals(together, 'abc')).toEqual(once)
  })

  it('keeps the events of other sessions beside spans', async () => {
    const target = project()
    await importDocuments(target, line(spans('abc'), prompt({ session: 'other', prompt: 'p2' }), metrics('third')))
    for (const session of ['abc', 'other', 'third']) expect(await totals(target, session)).toEqual(once)
  })
})
