import fc from 'fast-check'
import { metricTypes, resultStatuses } from '../../schema/values.ts'
import type { LogFilter } from '../../src/repositories/entities/logs.ts'
import type { MetricFilter, PointFilter } from '../../src/repositories/entities/metrics.ts'
import type { ResultFilter } from '../../src/repositories/entities/results.ts'
import { logLevels } from '../../src/repositories/log-levels.ts'
import type { NewLog, NewMetric, NewMetricPoint, NewResult } from '../../src/rows/records.ts'
import { traceFilters } from './random-data.ts'
import {
  day,
  duration,
  few,
  instant,
  name,
  number,
  object,
  optional,
  predicates,
  rangeOf,
  someOf,
  start,
  tag,
  text,
  time,
} from './random-values.ts'

/** Random results, logs, metrics and points, and random filters over them. */

const environment = fc.constantFrom('prod', 'dev')
const service = fc.constantFrom('api', 'Api', 'worker')
const score = fc.constantFrom(0, 0.25, 0.5, 1)
const resultStatus = fc.constantFrom(...resultStatuses)
const tags = fc.uniqueArray(tag, { maxLength: 3 })
const traceId = fc.integer({ min: 0, max: 100 }).map((n) => `t${n}`)
const severity = fc.integer({ min: 1, max: 24 })
const word = fc.constantFrom('card', 'declined', 'refund', 'Timeout', 'user')
const body = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' '))
const eventName = fc.constantFrom('login', 'pay')
const metricName = fc.constantFrom('latency_ms', 'pass_rate', 'http.requests', 'http.errors', 'queue_size')

const result = fc.record(
  {
    name,
    kind: fc.constantFrom('test' as const, 'evaluation' as const),
    suite: fc.constantFrom('s1', 's2'),
    runId: fc.constantFrom('r1', 'r2'),
    status: resultStatus,
    score,
    time,
    durationMs: duration,
    traceId,
    serviceName: service,
    tags,
    metadata: object,
    attributes: object,
  },
  { requiredKeys: ['name', 'kind', 'time'] },
)

const log = fc.record(
  {
    time,
    severity,
    body: fc.oneof({ weight: 4, arbitrary: body }, object),
    eventName,
    traceId,
    serviceName: service,
    environment,
    attributes: object,
  },
  { requiredKeys: ['time'] },
)

const point = fc.record(
  {
    metricName,
    type: fc.constantFrom('counter' as const, 'gauge' as const),
    time,
    value: fc.constantFrom(-1, 0, 0.5, 3, 1000),
    serviceName: service,
    environment,
    tags,
    attributes: object,
    metadata: object,
  },
  { requiredKeys: ['metricName', 'time', 'type', 'value'] },
)

/** Some of each, but for traces and spans. */
export function randomOthers(seed: number, count: number) {
  const sample = <T>(of: fc.Arbitrary<T>) => fc.sample(of, { seed, numRuns: count })
  const metrics: NewMetric[] = [
    { name: 'http.requests', type: 'counter', unit: '1', serviceName: 'api' },
    { name: 'http.errors', type: 'counter', category: 'count', description: 'All errors', lowerIsBetter: true },
    { name: 'pass_rate', type: 'histogram', description: 'not as built in', lowerIsBetter: null, metadata: { a: 1 } },
    { name: 'Z', type: 'gauge', category: 'cost', lowerIsBetter: false, serviceName: 'worker' },
  ]
  return {
    results: sample(result).map((each, i) => ({ ...each, resultId: `r${i}` })) as NewResult[],
    logs: sample(log).map((each, i) => ({ ...each, logId: `l${i}` })) as NewLog[],
    metricPoints: sample(point).map((each, i) => ({ ...each, pointId: `p${i}` })) as NewMetricPoint[],
    metrics,
  }
}

/** Conditions, some of which are combined. */
function filtersOf<F>(plain: Record<string, fc.Arbitrary<unknown>>, documents: string): fc.Arbitrary<F> {
  const { filter } = fc.letrec<{ filter: F }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 4, arbitrary: few<F>(plain) },
      { weight: 1, arbitrary: predicates.map((given) => ({ [documents]: given }) as F) },
      {
        weight: 3,
        arbitrary: few<F>({
          and: fc.array(tie('filter'), { maxLength: 2 }),
          or: fc.array(tie('filter'), { maxLength: 3 }),
          not: tie('filter'),
        }),
      },
    ),
  }))
  return filter
}

const since = fc.integer({ min: 0, max: 20 }).map((days) => new Date(start + days * day))
const inTime = { since, until: since, time: rangeOf(instant) }

export const resultFilters = filtersOf<ResultFilter>(
  {
    ...inTime,
    name: text(name),
    kind: someOf(fc.constantFrom('test', 'evaluation')),
    suite: text(fc.constantFrom('s1', 's2')),
    runId: text(fc.constantFrom('r1', 'r2')),
    status: someOf(fc.option(resultStatus)),
    failing: fc.boolean(),
    score: number(score),
    durationMs: number(duration),
    tags: someOf(tag),
    attributes: predicates,
    attempt: fc.integer({ min: 0, max: 3 }),
    inTrace: traceFilters,
  },
  'metadata',
)

const levels = fc.constantFrom(...(Object.keys(logLevels) as (keyof typeof logLevels)[]))

export const logFilters = filtersOf<LogFilter>(
  {
    ...inTime,
    severity: number(severity),
    minSeverity: fc.oneof(severity, levels),
    level: someOf(levels),
    bodyText: text(fc.constantFrom('card', 'card declined')),
    eventName: text(eventName),
    serviceName: text(service),
    environment: text(environment),
    search: fc.constantFrom('card', 'refund declined', '"card declined"', 'timeout -user', '"user card" -refund'),
  },
  'attributes',
)

export const pointFilters = filtersOf<PointFilter>(
  {
    ...inTime,
    metricName: text(metricName),
    type: someOf(fc.constantFrom(...metricTypes)),
    value: number(fc.constantFrom(-1, 0, 0.5, 3)),
    serviceName: text(service),
    environment: text(environment),
    tags: someOf(tag),
    metadata: predicates,
  },
  'attributes',
)

export const metricFilters = filtersOf<MetricFilter>(
  {
    name: text(metricName),
    pattern: fc.constantFrom('*', 'http.*', '?*_*', 'HTTP.?rrors', 'z', 'a%*'),
    type: someOf(fc.constantFrom(...metricTypes)),
    category: someOf(fc.option(fc.constantFrom('latency', 'cost', 'count', 'rate'))),
    unit: text(fc.constantFrom('ms', '1')),
    description: text(fc.constantFrom('All errors', 'Cost of tokens')),
    lowerIsBetter: fc.option(fc.boolean()),
    serviceName: text(service),
  },
  'metadata',
)

/** An order by one of some names. */
export const ordersOf = <O extends string>(...names: readonly O[]) =>
  fc.record(
    { orderBy: fc.constantFrom(...names), direction: fc.constantFrom('asc' as const, 'desc' as const) },
    optional,
  )
