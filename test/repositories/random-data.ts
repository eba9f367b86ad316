import fc from 'fast-check'
import { spanKinds, statuses } from '../../schema/values.ts'
import type { SpanFilter, TraceFilter } from '../../src/repositories/entities/traces-and-spans.ts'
import type { NewSpan, NewTrace } from '../../src/rows/records.ts'

/** Random traces and spans, and random filters over them: few names and values, so that much of it meets. */

const start = Date.UTC(2026, 10, 1)
const day = 86_400_000

const names = ['chat', 'Search Flights', 'search', 'é', 'Z', '😀', 'a%b_c', "it's"]
const name = fc.constantFrom(...names)
const id = fc.constantFrom('s1', 's2', 'S3')
const kind = fc.constantFrom(...spanKinds.slice(0, 5))
const status = fc.constantFrom(...statuses.slice(0, 4))
const tag = fc.constantFrom('a', 'b', 'c"d', 'é')
const millis = fc.integer({ min: 0, max: 20 * day })
const instant = millis.map((after) => new Date(start + after))
const time = fc
  .tuple(millis, fc.integer({ min: 0, max: 3 }))
  .map(([after, rest]) =>
    new Date(start + Math.floor(after / 3_600_000) * 3_600_000).toISOString().replace('Z', `00${rest}Z`),
  )
const key = fc.constantFrom('a', 'b', 'a.b', 'x"y', '', '0', "o'clock", '\\', '[0]', '$', '\n', 'é', '__proto__', '*')
const scalar = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    1,
    10.5,
    -3,
    1e21,
    1e20,
    -1e19,
    0.1,
    '',
    '1',
    '10.5',
    'a',
    'Z',
    'é',
    '😀',
    '\uffff',
    'null',
    'x"y',
  ),
  fc.constantFrom('true', 9007199254740991, 1e-7, 'A'),
)
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('json')), { maxLength: 3 }).map(objectOf),
  ),
}))
const object = fc.array(fc.tuple(key, json), { maxLength: 4 }).map(objectOf)

// JSON.parse makes `__proto__` a member of its own, as documents from outside have it.
function objectOf(entries: readonly (readonly [string, unknown])[]): never {
  return JSON.parse(
    `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
  ) as never
}

const optional = { requiredKeys: [] as [] }
const cost = fc.constantFrom(0, 0.1, 0.2, 0.3, 1.000000001, 12.5)
const tokens = fc.integer({ min: 0, max: 5 })
const duration = fc.constantFrom(0, 0.001, 1.5, 40, 1000)

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

const someOf = <T>(value: fc.Arbitrary<T>) => fc.oneof(value, fc.array(value, { maxLength: 3 }))
const rangeOf = <T>(value: fc.Arbitrary<T>) => fc.record({ gt: value, gte: value, lt: value, lte: value }, optional)
const text = (value: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 3, arbitrary: someOf(fc.option(value, { freq: 5 })) },
    { weight: 1, arbitrary: fc.constantFrom('a', 'CH', 'é', '%', "'", '_').map((contains) => ({ contains })) },
  )
const number = (value: fc.Arbitrary<number>) =>
  fc.oneof(fc.option(value, { freq: 4 }), rangeOf(fc.oneof(value, fc.double({ min: -1, max: 2000, noNaN: true }))))
const contains = fc.constantFrom('a', '1', 'É', 'X"', '😀').map((each) => ({ contains: each }))
const bound = fc.constantFrom<string | number>(0, 1, 10.5, -3, 0.1, 'a', '1', 'Z', 'é', '😀', '')

const path = fc.oneof(
  { weight: 3, arbitrary: key },
  fc.array(
    fc.oneof({ weight: 3, arbitrary: key as fc.Arbitrary<string | number> }, { weight: 1, arbitrary: fc.nat(2) }),
    { minLength: 1, maxLength: 3 },
  ),
)
const operand = fc.oneof({ weight: 3, arbitrary: scalar }, { weight: 1, arbitrary: json })
const operators = {
  exists: fc.boolean(),
  eq: operand,
  ne: operand,
  in: fc.array(operand, { maxLength: 4 }),
  gt: bound,
  gte: bound,
  lt: bound,
  lte: bound,
}
const place = fc.tuple(path, few<object>(operators)).map(([path, given]) => {
  return { path, exists: Object.keys(given).length === 0 ? true : undefined, ...given }
})
const places = fc.oneof(place, fc.array(place, { maxLength: 2 }))

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

/** One or two conditions of many. */
function few<T>(conditions: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<T> {
  const one = fc
    .constantFrom(...Object.keys(conditions))
    .chain((name) => (conditions[name] as fc.Arbitrary<unknown>).map((value) => [name, value] as const))
  return fc.array(one, { minLength: 1, maxLength: 2 }).map((entries) => Object.fromEntries(entries) as T)
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
    metadata: places,
    stepCount: number(tokens),
    spanCount: number(tokens),
    createdAt: rangeOf(instant),
  })
  const plainSpan = few<SpanFilter>({
    ...common,
    kind: someOf(kind),
    toolName: text(name),
    attributes: places,
    sequence: number(tokens),
  })
  return {
    trace: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 4, arbitrary: plainTrace },
      { weight: 3, arbitrary: places.map((metadata): TraceFilter => ({ metadata })) },
      { weight: 2, arbitrary: few<TraceFilter>({ ...combined('trace'), hasSpan: tie('span') }) },
    ),
    span: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 4, arbitrary: plainSpan },
      { weight: 3, arbitrary: places.map((attributes): SpanFilter => ({ attributes })) },
      { weight: 2, arbitrary: few<SpanFilter>({ ...combined('span'), inTrace: tie('trace') }) },
    ),
  }
})

export const traceFilters = filters.trace
export const spanFilters = filters.span
export const orders = fc.record(
  {
    orderBy: fc.constantFrom('time' as const, 'duration' as const, 'cost' as const, 'tokens' as const),
    direction: fc.constantFrom('asc' as const, 'desc' as const),
  },
  optional,
)
