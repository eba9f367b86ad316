import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  ClickHouseExporter,
  type NewSpan,
  openStore,
  recordFromSpan,
  recordsFromTrace,
  type Store,
} from '../../src/index.ts'
import { InMemoryClickHouseClient } from '../../src/testing/index.ts'
import { describeBackends } from '../backends.ts'

const chat: NewSpan = {
  traceId: 't1',
  spanId: 'call',
  parentSpanId: 'run',
  name: 'chat gpt-4o',
  kind: 'llm',
  status: 'unset',
  startTime: '2026-11-20T10:00:00.123456Z',
  endTime: '2026-11-20T10:00:02.123457Z',
  provider: 'openai',
  model: 'gpt-4o-2026',
  requestModel: 'gpt-4o',
  inputTokens: 100,
  cacheReadTokens: 30,
  cacheCreationTokens: 10,
  outputTokens: 50,
  reasoningTokens: 5,
  totalTokens: 151,
  costUsd: 0.5,
  sessionId: 'session',
  agentVersion: '1.2',
  workflowName: 'nightly',
  input: 'secret',
  output: ['secret'],
  attributes: { 'gen_ai.request.model': 'gpt-4o' },
}

async function rowsOf(spans: Parameters<ClickHouseExporter['export']>[0]) {
  const client = new InMemoryClickHouseClient()
  expect(await new ClickHouseExporter({ client, spanColumns: true }).export(spans)).toBe('SUCCESS')
  return client.rowsAsObjects()
}

it('makes a record of a span: tokens apart, and the total as it was', async () => {
  const [row] = await rowsOf([chat])
  expect(row).toEqual({
    run_id: 't1',
    trace_id: 't1',
    parent_run_id: null,
    context_id: 'session',
    kind: 'llm',
    op: 'chat',
    agent_name: '',
    agent_version: '1.2',
    provider: 'openai',
    model: 'gpt-4o-2026',
    tool_name: null,
    mcp_server: null,
    mcp_method: null,
    input_tokens: 60,
    output_tokens: 45,
    cache_read_tokens: 30,
    cache_creation_tokens: 10,
    reasoning_tokens: 5,
    total_tokens: 151,
    cost_usd: 0.5,
    status: 'ok',
    error_type: null,
    start_time: 1_795_168_800_123_456_000n,
    end_time: 1_795_168_802_123_457_000n,
    duration_ms: 2000.001,
    metadata: '{"gen_ai.request.model":"gpt-4o","workflow":"nightly"}',
    span_id: 'call',
    parent_span_id: 'run',
  })
})

it('keeps nanoseconds, errors, tools and what MCP did', () => {
  const base = { traceId: 't', spanId: 's', name: 'n', startTime: '2026-11-20T10:00:00.123456789Z' }
  expect(recordFromSpan(base)).toMatchObject({
    kind: 'step',
    status: 'ok',
    startUnixNanos: 1_795_168_800_123_456_789n,
    endUnixNanos: null,
    llm: null,
    tool: null,
    mcp: null,
    error: null,
  })
  const failed = { ...base, kind: 'tool', toolName: 'search', status: 'error', errorType: 'TimeoutError' } as const
  expect(recordFromSpan(failed)).toMatchObject({
    tool: { name: 'search' },
    status: 'error',
    error: { errorType: 'TimeoutError' },
  })
  const mcp = { ...base, kind: 'mcp', mcpMethod: 'tools/call', mcpServer: 'files', toolName: 'read' } as const
  expect(recordFromSpan(mcp)).toMatchObject({
    kind: 'mcp',
    tool: null,
    mcp: { server: 'files', method: 'tools/call', tool: 'read' },
  })
  expect(recordFromSpan({ ...base, kind: 'agent', agentName: 'airline' })).toMatchObject({
    kind: 'agent',
    name: 'airline',
  })
  expect(recordFromSpan({ ...base, kind: 'embedding', model: 'm' })).toMatchObject({
    kind: 'step',
    llm: { requestModel: 'm', usage: null },
  })
})

describeBackends('records of what a store holds', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it('carry the metadata of their trace, and what a span says itself wins', async () => {
    await store.writers.spans.write([
      { traceId: 't1', spanId: 'run', name: 'airline', kind: 'agent', startTime: '2026-11-20T10:00:00Z' },
      { ...chat, attributes: { team: 'its own' } },
    ])
    await store.writers.traces.write({
      traceId: 't1',
      runId: 'r1',
      parentRunId: 'r0',
      metadata: { team: 'payments', z: 1 },
    })
    const trace = await store.traces.get('t1')
    if (!trace) throw new Error('The trace is not there.')
    const rows = await rowsOf(recordsFromTrace(trace))
    expect(
      rows.map(({ span_id, run_id, parent_run_id, metadata }) => [span_id, run_id, parent_run_id, metadata]),
    ).toEqual([
      ['run', 'r1', 'r0', '{"team":"payments","z":1}'],
      ['call', 'r1', 'r0', '{"team":"its own","workflow":"nightly","z":1}'],
    ])
    expect(await rowsOf(trace.spans)).toHaveLength(2)
  })

  it('say what they carried; in a store metadata that comes late counts for the children too', async () => {
    const late = store.forProject('late')
    const payments = { metadata: { path: 'team', eq: 'payments' } }
    await late.writers.spans.write({ ...chat, parentSpanId: 'run', costUsd: 0.25 })
    expect(await late.analytics.usage({ inTrace: payments })).toMatchObject([{ spans: 0, costUsd: 0 }])
    await late.writers.spans.write({
      traceId: 't1',
      spanId: 'run',
      name: 'run',
      kind: 'agent',
      startTime: '2026-11-20T09:59:59Z',
    })
    await late.writers.traces.write({ traceId: 't1', metadata: { team: 'payments' } })
    expect(await late.analytics.usage({ inTrace: payments })).toMatchObject([{ spans: 2, costUsd: 0.25 }])
  })
})
