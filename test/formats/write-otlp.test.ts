import { expect, test } from 'vitest'
import type { SpanRow } from '../../schema/tables.ts'
import { readOtlp } from '../../src/formats/otlp/read.ts'
import { writeOtlp } from '../../src/formats/otlp/write.ts'
import { otlpAttributes, otlpRequest, otlpSpan } from './otlp-spans.ts'
import { storedEvents, storedSpans } from './stored-rows.ts'

const rowsOf = (document: unknown) => {
  const { spans, events } = readOtlp(document)
  return { spans: storedSpans(spans), events: storedEvents(events) }
}

const rowOf = (members: Record<string, unknown>): SpanRow => {
  const [row] = rowsOf(otlpRequest(otlpSpan(members))).spans
  if (row === undefined) throw new Error('the span was not read')
  return row
}

const spansOf = (rows: readonly SpanRow[]) =>
  writeOtlp(rows, []).resourceSpans.flatMap((each) => each.scopeSpans.flatMap(({ spans }) => spans))

test('no rows are a request without spans', () => {
  expect(writeOtlp([], [])).toEqual({ resourceSpans: [] })
})

test('defaults are left out', () => {
  const row = rowOf({ name: '', kind: 0, status: { code: 0 }, flags: 0, attributes: [], events: [], links: [] })
  expect(writeOtlp([row], [])).toEqual({
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              {
                traceId: '0af7651916cd43dd8448eb211c80319c',
                spanId: 'b7ad6b7169203331',
                startTimeUnixNano: '1763000000000000000',
                endTimeUnixNano: '1763000001500000000',
              },
            ],
          },
        ],
      },
    ],
  })
})

test('spans are grouped by resource and then by scope', () => {
  const resource = (name: string) => ({ attributes: otlpAttributes({ 'service.name': name }) })
  const part = (service: string, scope: string, spanId: string) => ({
    resource: resource(service),
    scopeSpans: [{ scope: { name: scope }, spans: [otlpSpan({ spanId })] }],
  })
  const { spans } = rowsOf({
    resourceSpans: [part('a', 'x', '01'), part('b', 'x', '02'), part('a', 'y', '03'), part('a', 'x', '04')],
  })
  const groups = writeOtlp(spans, []).resourceSpans.map((each) =>
    each.scopeSpans.map((scope) => [scope.scope?.name, scope.spans.map(({ spanId }) => spanId)]),
  )
  expect(groups).toEqual([
    [
      ['x', ['01', '04']],
      ['y', ['03']],
    ],
    [['x', ['02']]],
  ])
})

test('resources that differ only in a type are two', () => {
  const part = (value: unknown) => ({
    resource: { attributes: otlpAttributes({ n: value }) },
    scopeSpans: [{ spans: [otlpSpan()] }],
  })
  const { spans } = rowsOf({ resourceSpans: [part(1), part({ doubleValue: 1 })] })
  const written = writeOtlp(spans, []).resourceSpans.map((each) => each.resource?.attributes?.[0]?.value)
  expect(written).toEqual([{ intValue: '1' }, { doubleValue: 1 }])
})

test('events come back to their span, in order', () => {
  const { spans, events } = rowsOf(
    otlpRequest(
      otlpSpan({ spanId: '01', events: [{ name: 'a' }, { name: 'b' }] }),
      otlpSpan({ spanId: '02', events: [{ name: 'c' }] }),
    ),
  )
  const written = writeOtlp(spans, events.reverse()).resourceSpans[0]?.scopeSpans[0]?.spans
  expect(written?.map((span) => span.events?.map(({ name }) => name))).toEqual([['a', 'b'], ['c']])
})

test.each([
  ['running', undefined],
  ['cancelled', { code: 2 }],
  ['budget_exceeded', { code: 2 }],
  ['guardrail', { code: 2 }],
] as const)('a status that OTLP has not is written as the nearest: %s', (status, written) => {
  expect(spansOf([{ ...rowOf({}), status }])[0]?.status).toEqual(written)
})

test('a note that does not fit its value, because a caller changed one of them, is passed over', () => {
  const row = rowOf({})
  const attributeTypes = { '/attributes/a': 'int', '/attributes/b': 'double', '/attributes/c': 'nan' } as const
  const [span] = spansOf([{ ...row, attributes: { a: 1, b: 'text', c: 2.5 }, attributeTypes }])
  expect(span?.attributes).toEqual(otlpAttributes({ a: 1, b: 'text', c: 2.5 }))
})

test('a number without a note is an integer where it is one that a float holds exactly', () => {
  const [span] = spansOf([{ ...rowOf({}), attributes: { small: 3, fraction: 0.5, large: 1e20 } }])
  expect(span?.attributes?.map(({ value }) => value)).toEqual([
    { intValue: '3' },
    { doubleValue: 0.5 },
    { doubleValue: 1e20 },
  ])
})

test('a row of another source says in attributes what only its columns know, and is read back as it was', () => {
  const columns = {
    kind: 'llm',
    operation: 'chat',
    provider: 'anthropic',
    model: 'claude-sonnet-4-5-20250929',
    requestModel: 'claude-sonnet-4-5',
    responseId: 'r1',
    finishReasons: ['stop', 'length'],
    inputTokens: 100,
    outputTokens: 20,
    totalTokens: 120,
    cacheReadTokens: 30,
    cacheCreationTokens: 0,
    reasoningTokens: 5,
    costUsd: 0.25,
    timeToFirstChunkMs: 12.5,
    errorType: 'timeout',
    sessionId: 's',
    userId: 'u',
    agentId: 'i',
    agentName: 'a',
    agentVersion: '2',
    workflowName: 'w',
    serviceName: 'shop',
    environment: 'test',
    input: [{ role: 'user', parts: [{ type: 'text', content: 'hi' }] }],
    output: 'hello',
  } as const
  const row: SpanRow = { ...rowOf({ attributes: [] }), otelKind: null, reader: null, ...columns }
  const document = writeOtlp([row], [])
  expect(document.resourceSpans[0]?.resource).toEqual({
    attributes: otlpAttributes({ 'service.name': 'shop', 'deployment.environment.name': 'test' }),
  })
  expect(readOtlp(document).spans[0]).toMatchObject(columns)
})

test.each([
  ['tool', { toolName: 'search', toolCallId: 'c', input: { q: 1 }, output: [2] }],
  ['mcp', { mcpMethod: 'tools/call', mcpServer: 'files', mcpSessionId: 'm' }],
  ['embedding', { operation: 'embeddings', model: 'e' }],
  ['step', { operation: null }],
  ['guardrail', { operation: null, input: 'text' }],
  ['workflow', { workflowName: 'w' }],
] as const)('a row of kind %s keeps its kind', (kind, columns) => {
  const row: SpanRow = { ...rowOf({ attributes: [] }), otelKind: null, reader: null, kind, ...columns }
  expect(readOtlp(writeOtlp([row], [])).spans[0]).toMatchObject({ kind, ...columns })
})

test('what attributes hold already is left as it is', () => {
  const attributes = otlpAttributes({ 'gen_ai.usage.input_tokens': '99999999999999999999', 'llm.model_name': 'm' })
  const row = rowOf({ attributes, status: { code: 2 }, events: [] })
  const [span] = spansOf([{ ...row, inputTokens: 5 }])
  expect(span?.attributes).toEqual(attributes)
})
