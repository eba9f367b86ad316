import fc from 'fast-check'
import { isoFromMicros } from '../../schema/time.ts'
import { spanKinds, statuses } from '../../schema/values.ts'
import type { NewSpan, NewTrace } from '../../src/index.ts'

/** Small traces that collide wherever they can: few ids, few instants, texts whose bytes sort unlike their UTF-16. */

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 })

// U+FF5E sorts before U+1F600 as bytes and after it as UTF-16; PostgreSQL's collations sort a, A and _ otherwise.
const texts = fc.constantFrom('a', 'A', '_', 'b', 'é', '', '~', '\u{1f600}', '0', 'it’s "quoted" \\ {,}')
const traceIds = fc.constantFrom('t1', 'T1', 't_1', 't\u{1f600}{",}')
const spanIds = fc.constantFrom('s', 'S', '_', '\uff5e', '\u{1f600}', 's2', 'a\\"b')
const instants = fc
  .tuple(fc.constantFrom(0, 1, 1_000, 999_999), fc.constantFrom(0, 1_763_632_980_000_000, 8_000_000_000_000_000))
  .map(([more, micros]) => micros + more)
const tokens = fc.constantFrom(0, 1, 7, 1_000_000, 2 ** 40)
const costs = fc.oneof(
  fc.constantFrom(0, 0.1, 0.2, 0.3, 1e-9, 4e-10, 123.456789, 0.000_000_001_5),
  fc.double({ min: 0, max: 1_000, noNaN: true }),
)
const durations = fc.constantFrom(0, 0.0005, 0.1, 1.5, 86_400_000)

const sums = {
  inputTokens: optional(tokens),
  outputTokens: optional(tokens),
  totalTokens: optional(tokens),
  cacheReadTokens: optional(tokens),
  cacheCreationTokens: optional(tokens),
  reasoningTokens: optional(tokens),
  costUsd: optional(costs),
}
const names = {
  statusMessage: optional(texts),
  sessionId: optional(texts),
  userId: optional(texts),
  serviceName: optional(texts),
  agentName: optional(texts),
  agentVersion: optional(texts),
  environment: optional(texts),
  provider: optional(texts),
  model: optional(texts),
}

export const spans: fc.Arbitrary<NewSpan> = fc
  .record({
    traceId: traceIds,
    spanId: spanIds,
    // Parents may be missing, come later, be the span itself, or stand in a circle.
    parentSpanId: optional(fc.oneof(spanIds, fc.constant('nowhere'))),
    name: texts,
    kind: fc.constantFrom(...spanKinds),
    status: fc.constantFrom(...statuses),
    start: instants,
    lasts: optional(fc.constantFrom(0, 1, 1_500, 60_000_000)),
    durationMs: optional(durations),
    ...names,
    ...sums,
  })
  .map(({ start, lasts, ...span }) => ({
    ...span,
    startTime: isoFromMicros(start),
    endTime: lasts === undefined ? undefined : isoFromMicros(start + lasts),
  }))

export const traces: fc.Arbitrary<NewTrace> = fc
  .record({
    traceId: traceIds,
    name: optional(texts),
    runId: optional(texts),
    parentRunId: optional(texts),
    status: optional(fc.constantFrom(...statuses)),
    // Without a start of its own, and without spans, a trace starts when it is saved: no two runs agree on that.
    start: instants,
    lasts: optional(fc.constantFrom(0, 1_500, 60_000_000)),
    durationMs: optional(durations),
    stepCount: optional(fc.nat(9)),
    stepsDurationMs: optional(durations),
    tags: optional(fc.array(texts, { maxLength: 2 })),
    metadata: optional(
      fc.dictionary(texts, fc.jsonValue({ maxDepth: 1, noUnicodeString: true }) as fc.Arbitrary<null>),
    ),
    input: optional(fc.jsonValue({ maxDepth: 2, noUnicodeString: true }) as fc.Arbitrary<null>),
    output: optional(texts),
    ...names,
    ...sums,
  })
  .map(({ start, lasts, ...trace }) => ({
    ...trace,
    startTime: isoFromMicros(start),
    endTime: lasts === undefined ? undefined : isoFromMicros(start + lasts),
  }))
