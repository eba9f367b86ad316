/** A span of a sample, in milliseconds after the sample's start. */
export interface SampleSpan {
  spanId: string
  parentSpanId?: string
  name: string
  from: number
  to: number
  attributes?: Record<string, string | number>
  error?: string
  events?: string[]
}

const startMs = Date.parse('2026-11-20T10:00:00Z')

/** One trace as a line of OTLP/JSON. `minute` moves it, so that traces have an order. */
export function otlpLine(traceId: string, spans: readonly SampleSpan[], minute = 0): string {
  const nanos = (ms: number) => `${startMs + minute * 60_000 + ms}000000`
  const attributes = (values: Record<string, string | number>) =>
    Object.entries(values).map(([key, value]) => ({
      key,
      value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
    }))
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributes({ 'service.name': 'shop' }) },
        scopeSpans: [
          {
            spans: spans.map(({ spanId, parentSpanId, name, from, to, error, events = [], ...rest }) => ({
              traceId,
              spanId,
              parentSpanId,
              name,
              startTimeUnixNano: nanos(from),
              endTimeUnixNano: nanos(to),
              attributes: attributes(rest.attributes ?? {}),
              events: events.map((each) => ({ timeUnixNano: nanos(from), name: each })),
              status: error === undefined ? { code: 1 } : { code: 2, message: error },
            })),
          },
        ],
      },
    ],
  })
}

/** A run of an agent that calls a model and then a tool. */
export const agentRun = (traceId: string, { minute = 0, agent = 'support', error }: RunOptions = {}): string =>
  otlpLine(
    traceId,
    [
      {
        spanId: 'a1',
        name: `invoke_agent ${agent}`,
        from: 0,
        to: 4000,
        attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': agent },
        ...(error !== undefined && { error }),
      },
      {
        spanId: 'b2',
        parentSpanId: 'a1',
        name: 'chat gpt-5',
        from: 0,
        to: 1500,
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'openai',
          'gen_ai.request.model': 'gpt-5',
          'gen_ai.usage.input_tokens': 1200,
          'gen_ai.usage.output_tokens': 34,
        },
        events: ['first token'],
      },
      {
        spanId: 'c3',
        parentSpanId: 'a1',
        name: 'execute_tool search',
        from: 2000,
        to: 3000,
        attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },
        ...(error !== undefined && { error }),
      },
    ],
    minute,
  )

interface RunOptions {
  minute?: number
  agent?: string
  error?: string
}
