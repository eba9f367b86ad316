import { describe, expect, test } from 'vitest'
import { readOtlp } from '../../src/formats/otlp/read.ts'
import { maxTokens } from '../../src/rows/limits.ts'
import { otlpAttributes, otlpRequest, otlpSpan } from './otlp-spans.ts'

const read = (attributes: Record<string, unknown>, members: Record<string, unknown> = {}) => {
  const [span] = readOtlp(otlpRequest(otlpSpan({ attributes: otlpAttributes(attributes), ...members }))).spans
  if (span === undefined) throw new Error('the span was rejected')
  return span
}

describe('kind and operation', () => {
  test.each([
    ['gen_ai.operation.name', 'chat', 'llm', 'chat'],
    ['gen_ai.operation.name', 'generate_content', 'llm', 'generate_content'],
    ['gen_ai.operation.name', 'text_completion', 'llm', 'text_completion'],
    ['gen_ai.operation.name', 'embeddings', 'embedding', 'embeddings'],
    ['gen_ai.operation.name', 'retrieval', 'retrieval', 'retrieval'],
    ['gen_ai.operation.name', 'create_agent', 'agent', 'create_agent'],
    ['gen_ai.operation.name', 'invoke_agent', 'agent', 'invoke_agent'],
    ['gen_ai.operation.name', 'invoke_workflow', 'workflow', 'invoke_workflow'],
    ['gen_ai.operation.name', 'execute_tool', 'tool', 'execute_tool'],
    ['gen_ai.operation.name', 'plan', 'step', 'plan'],
    ['gen_ai.operation.name', 'constructor', 'other', 'constructor'],
    ['openinference.span.kind', 'LLM', 'llm', 'chat'],
    ['openinference.span.kind', 'AGENT', 'agent', 'invoke_agent'],
    ['openinference.span.kind', 'TOOL', 'tool', 'execute_tool'],
    ['openinference.span.kind', 'CHAIN', 'step', null],
    ['openinference.span.kind', 'RETRIEVER', 'retrieval', 'retrieval'],
    ['openinference.span.kind', 'EMBEDDING', 'embedding', 'embeddings'],
    ['openinference.span.kind', 'RERANKER', 'rerank', null],
    ['openinference.span.kind', 'GUARDRAIL', 'guardrail', null],
    ['openinference.span.kind', 'EVALUATOR', 'evaluation', null],
    ['openinference.span.kind', 'UNKNOWN', 'other', null],
    ['traceloop.span.kind', 'workflow', 'workflow', 'invoke_workflow'],
    ['traceloop.span.kind', 'task', 'step', null],
    ['traceloop.span.kind', 'agent', 'agent', 'invoke_agent'],
    ['traceloop.span.kind', 'tool', 'tool', 'execute_tool'],
    ['llm.request.type', 'chat', 'llm', 'chat'],
    ['ai.operationId', 'ai.generateText', 'agent', 'invoke_agent'],
    ['ai.operationId', 'ai.streamObject.doStream', 'llm', 'chat'],
    ['ai.operationId', 'ai.toolCall', 'tool', 'execute_tool'],
    ['ai.operationId', 'ai.embedMany.doEmbed', 'embedding', 'embeddings'],
    ['ai.operationId', 'ai.embedMany', 'step', null],
    ['ai.operationId', 'ai.rerank.doRerank', 'rerank', null],
    ['mcp.method.name', 'resources/read', 'mcp', null],
    ['http.request.method', 'GET', 'other', null],
  ])('%s = %s is a span of kind %s', (name, value, kind, operation) => {
    expect(read({ [name]: value })).toMatchObject({ kind, operation })
  })

  test('a tool that an MCP server runs is of kind mcp', () => {
    const attributes = {
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'search',
      'mcp.session.id': 's1',
      'server.address': 'mcp.example.com',
    }
    expect(read(attributes)).toMatchObject({
      kind: 'mcp',
      operation: 'execute_tool',
      mcpMethod: 'tools/call',
      mcpServer: 'mcp.example.com',
      mcpSessionId: 's1',
      toolName: 'search',
    })
  })

  test('an unknown operation leaves the kind to the other names', () => {
    const attributes = { 'gen_ai.operation.name': 'rerank', 'openinference.span.kind': 'RERANKER' }
    expect(read(attributes)).toMatchObject({ kind: 'rerank', operation: 'rerank' })
  })
})

describe('columns', () => {
  test('are read from the OpenTelemetry names, and the attributes stay as they came', () => {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.response.id': 'resp_1',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.time_to_first_chunk': 1.001,
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 50,
      'gen_ai.usage.cache_read.input_tokens': 10,
      'gen_ai.usage.cache_creation.input_tokens': 5,
      'gen_ai.usage.reasoning.output_tokens': 20,
      'gen_ai.agent.id': 'a1',
      'gen_ai.agent.name': 'airline',
      'gen_ai.agent.version': '2',
      'gen_ai.workflow.name': 'booking',
      'gen_ai.conversation.id': 'c1',
      'gen_ai.tool.name': 'search',
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': 'call_1',
      'user.id': 'u1',
      'error.type': 'timeout',
    }
    const span = read(attributes)
    expect(span).toMatchObject({
      provider: 'openai',
      model: 'gpt-4o-2024-08-06',
      requestModel: 'gpt-4o',
      responseId: 'resp_1',
      finishReasons: ['stop'],
      timeToFirstChunkMs: 1001,
      inputTokens: 100,
      outputTokens: 50,
      totalTokens: 150,
      cacheReadTokens: 10,
      cacheCreationTokens: 5,
      reasoningTokens: 20,
      agentId: 'a1',
      agentName: 'airline',
      agentVersion: '2',
      workflowName: 'booking',
      sessionId: 'c1',
      toolName: 'search',
      toolType: 'function',
      toolCallId: 'call_1',
      userId: 'u1',
      errorType: 'timeout',
    })
    expect(span.attributes).toEqual(attributes)
  })

  test('are read from the names of OpenInference', () => {
    const attributes = {
      'openinference.span.kind': 'LLM',
      'llm.provider': 'anthropic',
      'llm.model_name': 'claude',
      'llm.token_count.prompt': 30,
      'llm.token_count.completion': 7,
      'llm.token_count.total': 37,
      'llm.token_count.prompt_details.cache_read': 20,
      'llm.cost.total': 0.25,
      'session.id': 's1',
    }
    expect(read(attributes)).toMatchObject({
      provider: 'anthropic',
      model: 'claude',
      inputTokens: 30,
      outputTokens: 7,
      totalTokens: 37,
      cacheReadTokens: 20,
      costUsd: 0.25,
      sessionId: 's1',
    })
  })

  test('are read from the names of OpenLLMetry', () => {
    const agent = { 'traceloop.span.kind': 'agent', 'traceloop.entity.name': 'planner', 'traceloop.workflow.name': 'w' }
    expect(read(agent)).toMatchObject({ agentName: 'planner', toolName: null, workflowName: 'w' })
    const tool = { 'traceloop.span.kind': 'tool', 'traceloop.entity.name': 'search' }
    expect(read(tool)).toMatchObject({ agentName: null, toolName: 'search' })
    const usage = { 'gen_ai.usage.prompt_tokens': 3, 'gen_ai.usage.completion_tokens': 4, 'llm.usage.total_tokens': 7 }
    expect(read(usage)).toMatchObject({ inputTokens: 3, outputTokens: 4, totalTokens: 7 })
  })

  test('prefer the newer name, and pass over a value that makes no sense', () => {
    expect(read({ 'gen_ai.system': 'old', 'gen_ai.provider.name': 'new' }).provider).toBe('new')
    expect(read({ 'gen_ai.system': 'old', 'gen_ai.provider.name': '' }).provider).toBe('old')
    expect(read({ 'gen_ai.usage.input_tokens': 'many', 'llm.token_count.prompt': 5 }).inputTokens).toBe(5)
  })

  test.each([
    ['gen_ai.usage.input_tokens', '12', 'inputTokens', 12],
    ['gen_ai.usage.input_tokens', { doubleValue: 12 }, 'inputTokens', 12],
    ['gen_ai.usage.input_tokens', -1, 'inputTokens', null],
    ['gen_ai.usage.input_tokens', 1.5, 'inputTokens', null],
    ['gen_ai.usage.input_tokens', { doubleValue: 'NaN' }, 'inputTokens', null],
    ['gen_ai.usage.input_tokens', { intValue: '9223372036854775807' }, 'inputTokens', null],
    ['gen_ai.usage.input_tokens', true, 'inputTokens', null],
    ['gen_ai.request.model', 4, 'model', '4'],
    ['gen_ai.request.model', true, 'model', null],
    ['gen_ai.request.model', ['a'], 'model', null],
    ['user.id', 42, 'userId', '42'],
    ['user.id', 'u'.repeat(256), 'userId', 'u'.repeat(256)],
    ['user.id', 'u'.repeat(257), 'userId', null],
    ['user.id', '💬'.repeat(128), 'userId', '💬'.repeat(128)],
    ['user.id', '語'.repeat(256), 'userId', '語'.repeat(256)],
    ['llm.cost.total', '0.5', 'costUsd', 0.5],
    ['llm.cost.total', -1, 'costUsd', null],
    ['llm.cost.total', { doubleValue: 'Infinity' }, 'costUsd', null],
    ['gen_ai.response.finish_reasons', 'stop', 'finishReasons', ['stop']],
    ['gen_ai.response.finish_reasons', '["stop","length"]', 'finishReasons', ['stop', 'length']],
    ['gen_ai.response.finish_reasons', [1], 'finishReasons', null],
    ['gen_ai.response.finish_reasons', [], 'finishReasons', null],
  ])('coerce what is safe: %s = %j', (name, value, column, expected) => {
    expect(read({ [name]: value })).toHaveProperty(column, expected)
  })

  test('take service and environment from the resource where the span does not say them', () => {
    const resource = { attributes: otlpAttributes({ 'service.name': 'air', 'deployment.environment': 'prod' }) }
    const spans = [otlpSpan(), otlpSpan({ attributes: otlpAttributes({ 'service.name': 'own' }) })]
    const read = readOtlp({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
    expect(read.spans.map(({ serviceName, environment }) => [serviceName, environment])).toEqual([
      ['air', 'prod'],
      ['own', 'prod'],
    ])
  })

  test('take the type of an error from its exception where no attribute says it', () => {
    const exception = { name: 'exception', attributes: otlpAttributes({ 'exception.type': 'TypeError' }) }
    expect(read({}, { events: [exception], status: { code: 2 } }).errorType).toBe('TypeError')
    expect(read({}, { events: [exception] }).errorType).toBeNull()
    expect(read({ 'error.type': '500' }, { events: [exception], status: { code: 2 } }).errorType).toBe('500')
  })
})

describe('tokens', () => {
  const usage = (input: number, output: number, rest: Record<string, unknown>) =>
    read({ 'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': output, ...rest })

  test('cached tokens are part of input', () => {
    const span = usage(100, 10, { 'gen_ai.usage.cache_read.input_tokens': 90 })
    expect(span).toMatchObject({ inputTokens: 100, totalTokens: 110, cacheReadTokens: 90 })
  })

  test('more cached tokens than input are not part of it', () => {
    const span = usage(3, 10, {
      'gen_ai.usage.cache_read_input_tokens': 5000,
      'gen_ai.usage.cache_creation_input_tokens': 200,
    })
    expect(span).toMatchObject({ inputTokens: 5203, outputTokens: 10, totalTokens: 5213 })
    expect(span.attributes).toHaveProperty(['gen_ai.usage.input_tokens'], 3)
  })

  test('a total that counts cached tokens beside input shows that input leaves them out', () => {
    const span = usage(100, 10, { 'gen_ai.usage.cache_read.input_tokens': 40, 'gen_ai.usage.total_tokens': 150 })
    expect(span).toMatchObject({ inputTokens: 140, totalTokens: 150 })
  })

  test('reasoning apart from output is added to it', () => {
    const more = usage(555, 190, { 'gen_ai.usage.reasoning.output_tokens': 1057, 'gen_ai.usage.total_tokens': 1802 })
    expect(more).toMatchObject({ inputTokens: 555, outputTokens: 1247, totalTokens: 1802 })
    const part = usage(5, 50, { 'gen_ai.usage.reasoning.output_tokens': 20 })
    expect(part).toMatchObject({ outputTokens: 50, totalTokens: 55 })
  })

  test('the reported total is kept', () => {
    expect(usage(1, 2, { 'gen_ai.usage.total_tokens': 9 })).toMatchObject({ totalTokens: 9 })
  })

  test('the AI SDK before version 6 leaves the cached tokens of Anthropic out of input', () => {
    const attributes = (version: string, provider: string) => ({
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.model.provider': provider,
      'ai.request.headers.user-agent': `ai/${version}`,
      'ai.usage.inputTokens': 50,
      'ai.usage.outputTokens': 10,
      'ai.usage.cachedInputTokens': 40,
    })
    expect(read(attributes('5.0.12', 'anthropic.messages')).inputTokens).toBe(90)
    expect(read(attributes('6.0.68', 'anthropic.messages')).inputTokens).toBe(50)
    expect(read(attributes('5.0.12', 'openai.chat')).inputTokens).toBe(50)
  })

  test('spans of the AI SDK that wrap others do not repeat their usage', () => {
    const usage = { 'ai.usage.inputTokens': 5, 'ai.usage.outputTokens': 6, 'ai.usage.totalTokens': 11 }
    const outer = read({ 'ai.operationId': 'ai.streamText', ...usage })
    expect(outer).toMatchObject({ inputTokens: null, outputTokens: null, totalTokens: null })
    expect(outer.attributes).toMatchObject(usage)
    expect(read({ 'ai.operationId': 'ai.streamText.doStream', ...usage })).toMatchObject({ totalTokens: 11 })
  })

  test('a sum beyond what a column holds is left out', () => {
    expect(usage(maxTokens, 1, {})).toMatchObject({ inputTokens: maxTokens, totalTokens: null })
  })
})

describe('content', () => {
  test('moves to input and output as it came, with its source noted', () => {
    const messages = '[{"role": "user"}]'
    const span = read({ 'gen_ai.input.messages': messages, 'gen_ai.output.messages': ['b'], other: 1 })
    expect(span).toMatchObject({
      input: messages,
      output: ['b'],
      contentKeys: { input: 'gen_ai.input.messages', output: 'gen_ai.output.messages' },
      attributes: { other: 1 },
    })
    expect(Object.keys(span.attributes ?? {})).toEqual(['other'])
  })

  test('moves by preference; the rest stays', () => {
    const span = read({ 'gen_ai.system_instructions': 's', 'input.value': 'v', 'gen_ai.tool.call.arguments': 'a' })
    expect(span).toMatchObject({
      input: 'a',
      output: null,
      contentKeys: { input: 'gen_ai.tool.call.arguments' },
      attributes: { 'gen_ai.system_instructions': 's', 'input.value': 'v' },
    })
  })

  test('stays where it is empty', () => {
    const span = read({ 'ai.response.text': '', 'ai.response.toolCalls': '[{}]', 'gen_ai.input.messages': {} })
    expect(span).toMatchObject({
      input: null,
      output: '[{}]',
      contentKeys: { output: 'ai.response.toolCalls' },
      attributes: { 'ai.response.text': '', 'gen_ai.input.messages': null },
    })
  })

  test('takes the notes on its types along', () => {
    const span = read({ 'input.value': [{ doubleValue: 1 }], 'output.value': { bytesValue: 'AQID' } })
    expect(span.attributeTypes).toEqual({ '/input/0': 'double', '/output': 'bytes' })
  })
})

describe('the time to the first chunk', () => {
  // Three seconds; what was told in milliseconds may still be longer, of a span that was cut.
  const times = { startTimeUnixNano: '1764000000000000000', endTimeUnixNano: '1764000003000000000' }

  test.each([
    ['has the unit that the name says', 'gen_ai.response.ttft_ms', 5000, 5000],
    ['is in seconds', 'gen_ai.response.time_to_first_chunk', 2, 2000],
    ['is in milliseconds where seconds would be longer than the span', 'gen_ai.server.time_to_first_token', 2500, 2500],
  ])('%s', (_, name, value, expected) => {
    expect(read({ [name]: value }, times).timeToFirstChunkMs).toBe(expected)
  })
})
