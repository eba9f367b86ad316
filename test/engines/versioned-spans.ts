import type { NewSpan } from '../../src/index.ts'

export const spansPerTrace = 10

/** Spans of `traces` traces, a root and nine model calls each; `version` tells one write of a key from another. */
export const makeSpans = (traces: number, { first = 0, version = 1 } = {}): NewSpan[] =>
  Array.from({ length: traces * spansPerTrace }, (_, n) => {
    const trace = first + Math.floor(n / spansPerTrace)
    const place = n % spansPerTrace
    return {
      traceId: `trace-${trace}`,
      spanId: `span-${place}`,
      parentSpanId: place === 0 ? null : 'span-0',
      name: `version ${version}`,
      kind: place === 0 ? 'agent' : 'llm',
      status: 'ok',
      startTime: new Date(1_760_000_000_000 + trace * 1000 + place),
      inputTokens: place === 0 ? null : version,
      costUsd: place === 0 ? null : 0.1,
      attributes: { text: 'x'.repeat(200) },
    }
  })
