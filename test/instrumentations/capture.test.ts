import { beforeAll, describe, expect, it } from 'vitest'
import { type Capture, type CapturedSpan, captureRun, captureTimeoutMs } from './capture.ts'

/** Usage of the scenario: cached tokens inside input. */
const agent = { input: 570, output: 50 }
const subAgent = { input: 50, output: 8 }
const stream = { input: 40, output: 12 }

interface ExpectedSpans {
  run: string
  /** Spans by scope. */
  scopes: Record<string, number>
  /** Attributes of a model call's tokens, and which spans are model calls. */
  usage: { input: string; output: string; isModelCall: (span: CapturedSpan) => boolean; sum: Usage }
  /** Spans whose status is error. */
  failed: number
  operations: string[]
}

interface Usage {
  input: number
  output: number
}

const chat = (span: CapturedSpan) => span.attributes['gen_ai.operation.name'] === 'chat'
const genAi = { input: 'gen_ai.usage.input_tokens', output: 'gen_ai.usage.output_tokens' }
const openInference = { input: 'llm.token_count.prompt', output: 'llm.token_count.completion' }

const runs: ExpectedSpans[] = [
  {
    run: 'ai-sdk',
    scopes: { gen_ai: 17 },
    usage: { ...genAi, isModelCall: chat, sum: add(agent, subAgent, stream) },
    failed: 3,
    operations: ['agent', 'stream', 'error', 'embedding'],
  },
  {
    run: 'ai-sdk-legacy',
    scopes: { ai: 12 },
    usage: {
      input: 'ai.usage.inputTokens',
      output: 'ai.usage.outputTokens',
      isModelCall: ({ name }) => name.includes('.do') && !name.endsWith('doEmbed'),
      sum: add(agent, subAgent, stream),
    },
    failed: 2,
    operations: ['agent', 'stream', 'error', 'embedding'],
  },
  {
    run: 'anthropic-sdk',
    scopes: { 'com.anthropic.sdk.typescript': 9, 'my-app': 1 },
    usage: { ...genAi, isModelCall: chat, sum: add(agent, agent, stream, stream) },
    failed: 1,
    operations: ['toolRunner', 'ownLoop', 'stream', 'streamHelper', 'error'],
  },
  {
    run: 'openinference-anthropic',
    scopes: {
      'com.anthropic.sdk.typescript': 9,
      '@arizeai/openinference-instrumentation-anthropic': 7,
      'my-app': 1,
    },
    usage: {
      ...openInference,
      isModelCall: (span) => span.attributes['openinference.span.kind'] === 'LLM',
      sum: add(agent, agent, stream, stream),
    },
    failed: 2,
    operations: ['toolRunner', 'ownLoop', 'stream', 'streamHelper', 'error'],
  },
  {
    run: 'openinference-openai',
    // The span of a call that fails never ends.
    scopes: { '@arizeai/openinference-instrumentation-openai': 6, 'my-app': 1 },
    // The stream of chat completions has no usage in its span, the one of responses has.
    usage: {
      ...openInference,
      isModelCall: (span) => span.attributes['openinference.span.kind'] === 'LLM',
      sum: add(agent, { input: 250, output: 30 }, stream),
    },
    failed: 0,
    operations: ['agent', 'stream', 'responses', 'responsesStream', 'embedding', 'error'],
  },
  {
    run: 'traceloop-openai',
    // Embeddings are not traced, and the span of a call that fails never ends.
    scopes: { '@traceloop/instrumentation-openai': 5, 'my-app': 1 },
    usage: { ...genAi, isModelCall: chat, sum: add(agent, { input: 250, output: 30 }) },
    failed: 0,
    operations: ['agent', 'stream', 'responses', 'responsesStream', 'embedding', 'error'],
  },
]

describe.each(runs)('the run $run', ({ run, scopes, usage, failed, operations }) => {
  let capture: Capture

  beforeAll(async () => {
    capture = await captureRun(run)
  }, captureTimeoutMs)

  it('has the spans of each scope', () => {
    expect(countBy(capture.spans, ({ instrumentationScope }) => instrumentationScope?.name ?? '')).toEqual(scopes)
    expect(capture.spans.filter(({ status }) => status.code === 2)).toHaveLength(failed)
  })

  it('has the usage of its model calls', () => {
    const calls = capture.spans.filter(usage.isModelCall)
    expect({ input: total(calls, usage.input), output: total(calls, usage.output) }).toEqual(usage.sum)
  })

  it('has an OTLP request with the same spans, their scopes and their resource', () => {
    const resourceSpans = capture.otlp.resourceSpans as OtlpResourceSpans[]
    const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((inScope) => inScope.spans))
    expect(new Set(spans.map(({ spanId }) => spanId))).toEqual(
      new Set(capture.spans.map(({ spanContext }) => spanContext.spanId)),
    )
    expect(resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.map(({ scope }) => scope.name)).sort()).toEqual(
      Object.keys(scopes).sort(),
    )
    expect(JSON.stringify(resourceSpans[0]?.resource)).toContain('service.name')
  })

  it('says what the SDK reports of each operation', () => {
    expect(capture.expected.operations.map(({ name }) => name)).toEqual(operations)
    expect(capture.expected.operations.find(({ name }) => name === 'error')?.error).toContain('The prompt is too long.')
  })
})

interface OtlpResourceSpans {
  resource: unknown
  scopeSpans: { scope: { name: string }; spans: { spanId: string }[] }[]
}

function add(...usages: Usage[]): Usage {
  return {
    input: usages.reduce((sum, { input }) => sum + input, 0),
    output: usages.reduce((sum, { output }) => sum + output, 0),
  }
}

function total(spans: CapturedSpan[], attribute: string): number {
  return spans.reduce((sum, { attributes }) => sum + Number(attributes[attribute] ?? 0), 0)
}

function countBy<T>(items: T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1
  return counts
}
