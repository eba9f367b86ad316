import fc from 'fast-check'
import type { SpanFilter, TraceFilter } from '../../src/repositories/entities/traces-and-spans.ts'
import type { NewSpan, NewTrace } from '../../src/rows/records.ts'
import {
  contains,
  cost,
  duration,
  few,
  id,
  instant,
  json,
  kind,
  name,
  number,
  object,
  optional,
  predicates,
  rangeOf,
  someOf,
  status,
  tag,
  text,
  time,
  tokens,
} from './random-values.ts'

/** Random traces and spans, and random filters over them. */

const shared = {
  sessionId: id,
  userId: id,
  serviceName: name,
  agentName: name,
  environment: fc.constantFrom('prod', 'dev'),
  provider: fc.constantFrom('openai', 'anthropic'),
  model: fc.constantFrom('m1', 'm2'),
  tags: fc.uniqueArray(tag, { maxLength: 3 }),
  input: json,
  output: json,
}

/** Spans without their ids. */
const span = fc.record(
  {
    ...shared,
    name,
    startTime: time,
    kind,
    status,
    durationMs: duration,
    toolName: name,
    inputTokens: tokens,
    outputTokens: tokens,
    cacheReadTokens: tokens,
    costUsd: cost,
    attributes: object,
    sequence: fc.integer({ min: 0, max: 2 }),
  },
  { requiredKeys: ['name', 'startTime'] },
)

const trace = fc.record({ ...shared, metadata: object, stepCount: tokens, costUsd: cost, parentRunId: id }, optional)

/** Some traces, with spans, without, and spans whose trace nobody wrote. */
export function randomRecords(seed: number, traceCount: number): { traces: NewTrace[]; spans: NewSpan[] } {
  const traces = fc.sample(trace, { seed, numRuns: traceCount }) as Omit<NewTrace, 'traceId'>[]
  const spans = fc.sample(span, { seed, numRuns: traceCount * 2 }) as Omit<NewSpan, 'traceId' | 'spanId'>[]
  return {
    traces: traces.map((each, i) => ({ ...each, traceId: `t${i}` })),
    spans: spans.map((each, i) => ({
      ...each,
      traceId: `t${(i * 7) % Math.ceil(traceCount * 1.2)}`,
      spanId: `p${i}`,
      parentSpanId: i % 3 === 0 ? null : `p${i - 1}`,
    })),
  }
}

const common = {
  name: text(name),
  agentName: text(name),
  sessionId: text(id),
  model: text(shared.model as fc.Arbitrary<string>),
  environment: text(fc.constantFrom('prod', 'dev')),
  status: someOf(status),
  durationMs: number(duration),
  costUsd: number(cost),
  totalTokens: number(tokens),
  startTime: rangeOf(instant),
  since: fc.oneof(instant, time),
  until: fc.oneof(instant, time),
  tags: fc.oneof(
    someOf(tag),
    fc.record({ any: fc.array(tag, { maxLength: 2 }), all: fc.array(tag, { maxLength: 2 }) }, optional),
  ),
  input: contains,
  output: contains,
  hasError: fc.boolean(),
}

const filters = fc.letrec<{ trace: TraceFilter; span: SpanFilter }>((tie) => {
  const combined = (own: 'trace' | 'span') => ({
    and: fc.array(tie(own), { maxLength: 2 }),
    or: fc.array(tie(own), { maxLength: 3 }),
    not: tie(own),
  })
  const plainTrace = few<TraceFilter>({
    ...common,
    parentRunId: text(id),
    metadata: predicates,
    stepCount: number(tokens),
    spanCount: number(tokens),
    createdAt: rangeOf(instant),
  })
  const plainSpan = few<SpanFilter>({
    ...common,
    kind: someOf(kind),
    toolName: text(name),
    attributes: predicates,
    sequence: number(tokens),
  })
  return {
    trace: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 4, arbitrary: plainTrace },
      { weight: 3, arbitrary: predicates.map((metadata): TraceFilter => ({ metadata })) },
      { weight: 2, arbitrary: few<TraceFilter>({ ...combined('trace'), hasSpan: tie('span') }) },
    ),
    span: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 4, arbitrary: plainSpan },
      { weight: 3, arbitrary: predicates.map((attributes): SpanFilter => ({ attributes })) },
      { weight: 2, arbitrary: few<SpanFilter>({ ...combined('span'), inTrace: tie('trace') }) },
    ),
  }
})

export const traceFilters = filters.trace
export const spanFilters = filters.span
