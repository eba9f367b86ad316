import type { NewSpan } from '../src/rows/records.ts'

/** Spans as an instrumented agent sends them: 20 a trace, 1.2 kB each, the same on every run. */
export function* benchSpans(count: number, { spansPerTrace = 20, from = 0 } = {}): Generator<NewSpan> {
  const start = Date.UTC(2026, 0, 1)
  for (let n = from; n < from + count; n += 1) {
    const traceId = hex(Math.floor(n / spansPerTrace) + 1, 32)
    const place = n % spansPerTrace
    const isTool = place % 3 === 2
    const startTime = new Date(start + Math.floor(n / spansPerTrace) * 1000 + place * 50)
    const model = models[n % models.length] ?? 'gpt-4o'
    yield {
      traceId,
      spanId: hex(n + 1, 16),
      parentSpanId: place === 0 ? null : hex(n - place + 1, 16),
      name: place === 0 ? 'invoke_agent airline' : isTool ? 'execute_tool search_flights' : `chat ${model}`,
      kind: place === 0 ? 'agent' : isTool ? 'tool' : 'llm',
      operation: place === 0 ? 'invoke_agent' : isTool ? 'execute_tool' : 'chat',
      status: n % 97 === 0 ? 'error' : 'ok',
      startTime: startTime.toISOString().replace('Z', '123Z'),
      endTime: new Date(startTime.getTime() + 40).toISOString().replace('Z', '456Z'),
      provider: 'openai',
      model,
      requestModel: 'gpt-4o',
      responseId: `chatcmpl-${hex(n * 7919, 24)}`,
      finishReasons: ['stop'],
      inputTokens: 500 + (n % 1000),
      outputTokens: 20 + (n % 100),
      costUsd: (n % 1000) / 1e5,
      sessionId: `conversation-${Math.floor(n / 200)}`,
      userId: `user-${n % 500}`,
      serviceName: 'airline',
      environment: 'production',
      agentName: 'airline',
      ...(isTool ? { toolName: 'search_flights', toolCallId: `call_${hex(n, 24)}` } : {}),
      otelKind: 'client',
      input: `[{"role": "user", "parts": [{"type": "text", "content": "${sentence(n, 14)}"}]}]`,
      output: `[{"role": "assistant", "parts": [{"type": "text", "content": "${sentence(n + 1, 10)}"}]}]`,
      contentKeys: { input: 'gen_ai.input.messages', output: 'gen_ai.output.messages' },
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.response.model': model,
        'gen_ai.usage.input_tokens': 500 + (n % 1000),
        'gen_ai.usage.output_tokens': 20 + (n % 100),
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.conversation.id': `conversation-${Math.floor(n / 200)}`,
      },
      resource: { attributes: { 'service.name': 'airline', 'deployment.environment.name': 'production' } },
      scope: { name: 'bench', version: '1.0.0' },
    }
  }
}

const models = ['gpt-4o-2024-08-06', 'gpt-4o-mini-2024-07-18', 'claude-sonnet-4-5-20250929']
const words =
  'flight seat refund booking airport morning please change window return bag ticket cabin price hold'.split(' ')

const hex = (value: number, length: number) => value.toString(16).padStart(length, '0')
const sentence = (seed: number, count: number) =>
  Array.from({ length: count }, (_, i) => words[(seed * 31 + i * 17) % words.length]).join(' ')
