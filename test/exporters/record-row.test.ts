import { describe, expect, it } from 'vitest'
import { type AgentRecord, ClickHouseExporter, type ClickHouseExporterOptions, COLUMNS } from '../../src/index.ts'
import { InMemoryClickHouseClient } from '../../src/testing/index.ts'
import { llmRecord, plainRecord } from './records.ts'

async function rowOf(record: AgentRecord, options: ClickHouseExporterOptions = {}) {
  const client = new InMemoryClickHouseClient()
  expect(await new ClickHouseExporter({ client, ...options }).export([record])).toBe('SUCCESS')
  return client.rowsAsObjects()[0] ?? {}
}

const metadataOf = async (attributes: Record<string, unknown>, options?: ClickHouseExporterOptions) =>
  (await rowOf(plainRecord('step', { attributes }), options)).metadata

describe('a record becomes a row', () => {
  it('of 26 columns in their order', () => {
    expect(COLUMNS).toEqual(
      (
        'run_id trace_id parent_run_id context_id kind op agent_name agent_version provider model tool_name mcp_server ' +
        'mcp_method input_tokens output_tokens cache_read_tokens cache_creation_tokens reasoning_tokens total_tokens ' +
        'cost_usd status error_type start_time end_time duration_ms metadata'
      ).split(' '),
    )
  })

  it('for a model call: the model that answered, all tokens summed, two seconds', async () => {
    expect(await rowOf(llmRecord())).toEqual({
      run_id: '01J9Z3K7P8QF2R5V6W7X8Y9Z0A',
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      parent_run_id: null,
      context_id: null,
      kind: 'llm',
      op: 'chat',
      agent_name: '',
      agent_version: null,
      provider: 'anthropic',
      model: 'claude-sonnet-4-5-20990101',
      tool_name: null,
      mcp_server: null,
      mcp_method: null,
      input_tokens: 100,
      output_tokens: 50,
      cache_read_tokens: 10,
      cache_creation_tokens: 0,
      reasoning_tokens: 5,
      total_tokens: 165,
      cost_usd: 0.01,
      status: 'ok',
      error_type: null,
      start_time: 1_000_000_000n,
      end_time: 3_000_000_000n,
      duration_ms: 2000,
      metadata: '{}',
    })
  })

  it('with the model that was asked where none answered', async () => {
    const llm = { provider: 'openai', requestModel: 'gpt-4o' }
    const row = await rowOf(llmRecord('s', { llm, endUnixNanos: null, status: 'running' }))
    expect(row).toMatchObject({
      model: 'gpt-4o',
      total_tokens: null,
      cost_usd: null,
      end_time: null,
      duration_ms: null,
    })
    expect(row.error_type).toBeNull()
  })

  it.each([
    ['agent', 'invoke_agent', 'the name'],
    ['workflow', 'invoke_workflow', ''],
    ['llm', 'chat', ''],
    ['tool', 'execute_tool', ''],
    ['step', '', ''],
    ['mcp', '', ''],
  ] as const)('for kind %s with operation %j and agent name %j', async (kind, op, agent_name) => {
    expect(await rowOf(plainRecord(kind))).toMatchObject({ kind, op, agent_name, provider: null, input_tokens: null })
  })

  it('for tools and for MCP, which executes a tool only when it calls one', async () => {
    const mcp = { server: 'files', method: 'tools/call', tool: 'read_file' }
    expect(await rowOf(plainRecord('mcp', { mcp }))).toMatchObject({
      op: 'execute_tool',
      tool_name: 'read_file',
      mcp_server: 'files',
      mcp_method: 'tools/call',
    })
    const list = await rowOf(plainRecord('mcp', { mcp: { server: 'files', method: 'tools/list' } }))
    expect(list).toMatchObject({ op: '', tool_name: null, mcp_method: 'tools/list' })
    const tool = { name: 'search', status: 'error' } as const
    expect(await rowOf(plainRecord('tool', { tool, mcp }))).toMatchObject({ tool_name: 'search' })
  })

  it('with the type of the error, else how it ended when that is no success', async () => {
    const error = { errorType: 'TimeoutError', message: 'secret' }
    expect(await rowOf(plainRecord('tool', { status: 'error', error }))).toMatchObject({ error_type: 'TimeoutError' })
    for (const status of ['error', 'cancelled', 'budget_exceeded', 'guardrail'] as const) {
      expect(await rowOf(plainRecord('tool', { status }))).toMatchObject({ status, error_type: status })
    }
  })

  it('with columns for three attributes, which the metadata leaves out', async () => {
    const attributes = { 'agent.version': 1.2, 'parent.run_id': 'p', 'context.id': 'c', team: 'payments' }
    expect(await rowOf(plainRecord('agent', { attributes }))).toMatchObject({
      agent_version: '1.2',
      parent_run_id: 'p',
      context_id: 'c',
      metadata: '{"team":"payments"}',
    })
  })

  it('with the reported total where there is one', async () => {
    const llm = { provider: 'p', requestModel: 'm', usage: { input: 100, cacheRead: 10, total: 100 } }
    expect(await rowOf(llmRecord('s', { llm }))).toMatchObject({ total_tokens: 100, output_tokens: 0 })
  })

  it('without numbers that the columns do not hold: one would cost the whole insert', async () => {
    const usage = { input: -1, output: 1.5, cacheRead: 2 ** 32, cacheCreation: 2 ** 32 - 1, reasoning: Number.NaN }
    const llm = { provider: 'p', requestModel: 'm', usage, costUsd: Number.POSITIVE_INFINITY }
    expect(await rowOf(llmRecord('s', { llm, startUnixNanos: -5n, endUnixNanos: 2n ** 70n }))).toMatchObject({
      input_tokens: null,
      output_tokens: null,
      cache_read_tokens: null,
      cache_creation_tokens: 4_294_967_295,
      reasoning_tokens: null,
      total_tokens: null,
      cost_usd: null,
      start_time: 0n,
      end_time: 2n ** 63n - 1n,
    })
  })

  it('with span columns behind the 26, when they are asked for', async () => {
    const row = await rowOf(llmRecord(), { spanColumns: true })
    expect(Object.keys(row).slice(0, 26)).toEqual(COLUMNS)
    expect(Object.entries(row).slice(26)).toEqual([
      ['span_id', '00f067aa0ba902b7'],
      ['parent_span_id', 'aaaaaaaaaaaaaaaa'],
    ])
  })
})

describe('metadata', () => {
  it('has its keys sorted, at every level', async () => {
    expect(await metadataOf({ b: { z: 1, a: [{ y: null, x: true }] }, a: 'ü', 10: 0, 9: 1 })).toBe(
      '{"10":0,"9":1,"a":"ü","b":{"a":[{"x":true,"y":null}],"z":1}}',
    )
  })

  it('holds what JSON cannot as its string', async () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    const odd = {
      bigint: 2n ** 70n,
      circle,
      date: new Date(0),
      error: new TypeError('no'),
      infinity: Number.NEGATIVE_INFINITY,
      nan: Number.NaN,
      symbol: Symbol('s'),
      text: 'NUL \0 and half \ud83d',
      undefined: undefined,
      url: new URL('http://a.example/'),
    }
    expect(JSON.parse(String(await metadataOf(odd)))).toEqual({
      bigint: '1180591620717411303424',
      circle: { self: '[circular]' },
      date: '1970-01-01T00:00:00.000Z',
      error: 'TypeError: no',
      infinity: '-Infinity',
      nan: 'NaN',
      symbol: 'Symbol(s)',
      text: 'NUL \ufffd and half \ufffd',
      url: 'http://a.example/',
    })
  })

  it('writes integers past 64 bits as floats, and what is too deep as text', async () => {
    expect(await metadataOf({ n: 2 ** 64, m: -(2 ** 63), k: 2 ** 62 })).toBe(
      '{"k":4611686018427388000,"m":-9.223372036854776e+18,"n":1.8446744073709552e+19}',
    )
    let deep: unknown = 'bottom'
    for (let i = 0; i < 20_000; i += 1) deep = [deep]
    expect(String(await metadataOf({ deep })).length).toBeLessThan(1000)
  })

  it('has no content, unless told', async () => {
    const attributes = {
      'gen_ai.input.messages': 'secret',
      'gen_ai.output.messages': ['secret'],
      'gen_ai.system_instructions': 'secret',
      'gen_ai.tool.call.arguments': { query: 'secret' },
      'gen_ai.tool.call.result': 'secret',
      'gen_ai.prompt.0.content': 'secret',
      'llm.input_messages.0.message.content': 'secret',
      'input.value': 'secret',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.prompt_name': 'greeting',
    }
    const kept = '{"gen_ai.prompt_name":"greeting","gen_ai.request.model":"gpt-4o"}'
    expect(await metadataOf(attributes)).toBe(kept)
    expect(JSON.parse(String(await metadataOf(attributes, { captureContent: true })))).toEqual(attributes)
  })

  it.each([
    'ai.prompt.tools',
    'ai.request.headers.authorization',
    'ai.response.reasoning',
    'completion',
    'document.content',
    'exception.message',
    'gen_ai.content.completion',
    'gen_ai.content.prompt',
    'input',
    'langfuse.observation.output',
    'llm.function_call',
    'llm.tools.0.tool.json_schema',
    'mcp.request.argument.query',
    'message.content',
    'message.tool_calls.0.tool_call.function.arguments',
    'output',
    'prompt',
    'retrieval.documents.0.document.content',
    'selectools.step.error',
    'selectools.step.reasoning',
    'tool.parameters',
    'tool_call.function.arguments',
    'traceloop.prompt.template_variables',
  ])('takes %s for content', async (name) => {
    expect(await metadataOf({ [name]: 'secret' })).toBe('{}')
    expect(await metadataOf({ [name]: 'secret' }, { captureContent: true })).toContain('secret')
  })

  it.each([
    'error.type',
    'gen_ai.output.type',
    'gen_ai.prompt_name',
    'gen_ai.response.model',
    'gen_ai.usage.input_tokens',
    'input.mime_type',
    'llm.cost.completion',
    'llm.token_count.prompt',
    'selectools.step.type',
    'team',
  ])('keeps %s', async (name) => {
    expect(await metadataOf({ [name]: 'kept' })).toBe(JSON.stringify({ [name]: 'kept' }))
  })
})
