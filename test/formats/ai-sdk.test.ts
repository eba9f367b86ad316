import { expect, test } from 'vitest'
import { readAiSdk } from '../../src/formats/ai-sdk.ts'
import { instantAt } from './instant-at.ts'

const context = { traceId: 'B3E700AF9EAB81E19F72F964D62A35AF', spanId: '39D6E9B3DDEC9996', traceFlags: 1 }

const inner = {
  name: 'ai.streamText.doStream',
  spanContext: context,
  parentSpanId: '648be1dfd8e521b6',
  kind: 0,
  attributes: {
    'ai.operationId': 'ai.streamText.doStream',
    'ai.telemetry.functionId': 'write-poem',
    'ai.model.provider': 'openai.responses',
    'ai.model.id': 'gpt-4o-mini',
    'ai.prompt.messages': '[{"role":"user","content":"A poem."}]',
    'gen_ai.system': 'openai.responses',
    'gen_ai.request.model': 'gpt-4o-mini',
    'ai.response.msToFirstChunk': 426.8535,
    'ai.response.finishReason': 'stop',
    'ai.response.text': 'Lines.',
    'ai.response.id': 'resp_1',
    'ai.response.model': 'gpt-4o-mini-2024-07-18',
    'ai.usage.inputTokens': 15,
    'ai.usage.outputTokens': 112,
    'ai.usage.totalTokens': 127,
    'ai.usage.reasoningTokens': 0,
    'ai.usage.cachedInputTokens': 4,
  },
  status: { code: 1 },
  startTime: [1770132000, 597999999],
  endTime: [1770132005, 983212750],
  events: [{ name: 'ai.stream.firstChunk', time: [1770132001, 25056459], attributes: { ms: 426.8535 } }],
}

test('model, tokens and finish reason are in their columns', () => {
  const { spans, events, rejected } = readAiSdk([inner])
  expect(rejected).toEqual([])
  expect(spans).toHaveLength(1)
  expect(spans[0]).toMatchObject({
    traceId: 'b3e700af9eab81e19f72f964d62a35af',
    spanId: '39d6e9b3ddec9996',
    parentSpanId: '648be1dfd8e521b6',
    name: 'ai.streamText.doStream',
    kind: 'llm',
    operation: 'chat',
    status: 'ok',
    otelKind: 'internal',
    flags: 1,
    startTime: instantAt('2026-02-03T15:20:00.597999Z'),
    endTime: instantAt('2026-02-03T15:20:05.983212Z'),
    durationMs: 5385.213,
    provider: 'openai',
    model: 'gpt-4o-mini-2024-07-18',
    requestModel: 'gpt-4o-mini',
    responseId: 'resp_1',
    finishReasons: ['stop'],
    inputTokens: 15,
    outputTokens: 112,
    totalTokens: 127,
    cacheReadTokens: 4,
    reasoningTokens: 0,
    timeToFirstChunkMs: 426.8535,
    agentName: 'write-poem',
    input: '[{"role":"user","content":"A poem."}]',
    output: 'Lines.',
    contentKeys: { input: 'ai.prompt.messages', output: 'ai.response.text' },
    attributeTypes: null,
    resource: null,
    scope: null,
  })
  expect(events).toEqual([
    {
      traceId: 'b3e700af9eab81e19f72f964d62a35af',
      spanId: '39d6e9b3ddec9996',
      ordinal: 0,
      name: 'ai.stream.firstChunk',
      time: instantAt('2026-02-03T15:20:01.025056Z'),
      attributes: { ms: 426.8535 },
      attributeTypes: null,
      droppedAttributesCount: null,
    },
  ])
})

test('the span that wraps the calls is the agent and counts nothing', () => {
  const outer = {
    ...inner,
    name: 'ai.streamText',
    attributes: { ...inner.attributes, 'ai.operationId': 'ai.streamText' },
  }
  expect(readAiSdk(outer).spans[0]).toMatchObject({
    kind: 'agent',
    operation: 'invoke_agent',
    inputTokens: null,
    outputTokens: null,
    totalTokens: null,
    cacheReadTokens: null,
    reasoningTokens: null,
    attributes: { 'ai.usage.inputTokens': 15 },
  })
})

test('a tool call has its name, arguments and result', () => {
  const attributes = {
    'ai.operationId': 'ai.toolCall',
    'ai.toolCall.name': 'weather',
    'ai.toolCall.id': 'call_1',
    'ai.toolCall.args': '{"city":"Rome"}',
    'ai.toolCall.result': '"sunny"',
  }
  expect(readAiSdk({ ...inner, attributes }).spans[0]).toMatchObject({
    kind: 'tool',
    operation: 'execute_tool',
    toolName: 'weather',
    toolCallId: 'call_1',
    input: '{"city":"Rome"}',
    output: '"sunny"',
    attributes: {},
  })
})

test('an embedding has its tokens', () => {
  const attributes = {
    'ai.operationId': 'ai.embed.doEmbed',
    'ai.model.id': 'text-embedding-3-small',
    'ai.values': ['"fox"'],
    'ai.usage.tokens': 10,
  }
  expect(readAiSdk({ ...inner, attributes }).spans[0]).toMatchObject({
    kind: 'embedding',
    operation: 'embeddings',
    model: 'text-embedding-3-small',
    inputTokens: 10,
    outputTokens: null,
    totalTokens: 10,
    input: ['"fox"'],
  })
})

test('resource, scope, links and the parent are read as version 2 of the SDK has them', () => {
  const { parentSpanId: _, ...rest } = inner
  const span = {
    ...rest,
    parentSpanContext: { traceId: context.traceId, spanId: 'ABCD' },
    kind: 2,
    status: { code: 2, message: 'no' },
    resource: { attributes: { 'service.name': 'poems', 'deployment.environment.name': 'test' } },
    instrumentationScope: { name: 'ai', version: '6.0.0', schemaUrl: '' },
    links: [{ context: { ...context, traceState: 'a=b' }, attributes: { why: 'retry' }, droppedAttributesCount: 1 }],
    droppedEventsCount: 2,
    endTime: [0, 0],
  }
  expect(readAiSdk(span).spans[0]).toMatchObject({
    parentSpanId: 'abcd',
    otelKind: 'client',
    status: 'error',
    statusMessage: 'no',
    serviceName: 'poems',
    environment: 'test',
    resource: { attributes: { 'service.name': 'poems' } },
    scope: { name: 'ai', version: '6.0.0' },
    links: [
      {
        traceId: 'b3e700af9eab81e19f72f964d62a35af',
        spanId: '39d6e9b3ddec9996',
        traceState: 'a=b',
        flags: 1,
        attributes: { why: 'retry' },
        droppedAttributesCount: 1,
      },
    ],
    dropped: { events: 2 },
    endTime: null,
    durationMs: null,
  })
})

test('the scope is read as version 1 of the SDK has it', () => {
  const { spanContext: _spanContext, ...rest } = inner
  const span = { ...rest, _spanContext, instrumentationLibrary: { name: 'ai' } }
  expect(readAiSdk(span).spans[0]).toMatchObject({ spanId: '39d6e9b3ddec9996', scope: { name: 'ai' } })
})

test.each([
  [{ spanContext: { spanId: 'a' } }, '[1].spanContext.traceId', 'is missing'],
  [{ startTime: '2026-02-03' }, '[1].startTime', 'is not a time as [seconds, nanoseconds]'],
  [{ startTime: [1, -1] }, '[1].startTime', 'is not a time as [seconds, nanoseconds]'],
  [{ startTime: undefined }, '[1].startTime', 'is missing'],
  [{ endTime: [1, 0] }, '[1]', 'ends before it starts'],
  [{ attributes: [] }, '[1].attributes', 'is not an object'],
  [{ events: [{ time: 5 }] }, '[1].events[0].time', 'is not a time as [seconds, nanoseconds]'],
  [{ links: [{}] }, '[1].links[0].context', 'is missing'],
])('a span of another shape is left out: %j', (members, path, reason) => {
  const { spans, events, rejected } = readAiSdk([inner, { ...inner, ...members }])
  expect(rejected).toEqual([{ path, reason }])
  expect(spans).toHaveLength(1)
  expect(events).toHaveLength(1)
})
