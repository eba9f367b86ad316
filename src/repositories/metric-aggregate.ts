import { and, count, getTableColumns, isNotNull, max, min, type SQL, sql } from 'drizzle-orm'
import type { AttributeDimension } from './analytics/dimensions.ts'
import type { Measurement } from './analytics/groups.ts'
import { type KeysOf, type Measured, partOf } from './analytics/keys.ts'
import { boundedSum, summable } from './bounded-sum.ts'
import type { PointFilter } from './entities/metrics.ts'
import { compileFilter } from './filters/compile.ts'
import type { ReadScope } from './read-scope.ts'

/** What points can be grouped by, and the column that it means. */
export const pointDimensions = {
  metric: 'metricName',
  service: 'serviceName',
  environment: 'environment',
} as const

/** A name that points can be grouped by; `attributes.region` is the attribute `region`. */
export type PointDimension = keyof typeof pointDimensions | AttributeDimension

/**
 * The values of counters and gauges in numbers. What would be a measure of nothing is null, and so are sum and mean of
 * values of 1e290 and more, and the deviation of values that are 1e145 apart: they may be no numbers.
 */
export interface MetricAggregate {
  /** Points that have a value. */
  readonly count: number
  readonly sum: number | null
  readonly mean: number | null
  readonly median: number | null
  readonly min: number | null
  readonly max: number | null
  /** Interpolated between the two nearest values, at p * (count - 1). */
  readonly p95: number | null
  readonly p99: number | null
  /** Of the sample (divided by count - 1); 0 of a single value. */
  readonly stdDev: number | null
}

/** The aggregate of no points. */
export const noPoints: MetricAggregate = {
  count: 0,
  sum: null,
  mean: null,
  median: null,
  min: null,
  max: null,
  p95: null,
  p99: null,
  stdDev: null,
}

/** Below and above these a square, or the sum of such, is no number any more, which Postgres takes for an error. */
const leastToSquare = sql.raw('1e-150')
const mostToSquare = sql.raw('1e145')

/** The values of groups of points. */
export const metricAggregates: Measurement<MetricAggregate, PointFilter, PointDimension> = {
  during: 'aggregate points',
  dimensions: pointDimensions,
  hasAttributes: true,
  zeros: noPoints,
  read: readAggregates,
}

/** In one pass over sorted values. */
async function readAggregates(
  scope: ReadScope,
  filter: PointFilter,
  keysOf: KeysOf,
): Promise<Measured<MetricAggregate>[]> {
  const { db, dialect, tables } = scope.pool
  const { metricPoints } = tables
  const table = { ...getTableColumns(metricPoints), startTime: metricPoints.time }
  const keys = keysOf(table)
  const { value } = metricPoints
  const groups = keys.terms.length > 0 ? sql`partition by ${sql.join(keys.terms, sql`, `)}` : sql``
  // By hand: Postgres squares what it takes the mean of.
  const mean = sql<number>`sum(${summable(sql`${value}`)}) over (${groups}) / count(${value}) over (${groups})`
  const points = db
    .select({ ...keys.named, value, mean: mean.as('mean') })
    .from(metricPoints)
    .where(and(isNotNull(value), compileFilter(scope, 'metricPoints', filter).where))
    .as('points')
  const { fields, terms } = keys.within('points')
  // From the mean, and not from sums of squares, in which the digits of small deviations drown.
  const deviation = sql`(${points.value} - ${partOf('points', 'mean')})`
  const square = sql`case when abs(${deviation}) < ${leastToSquare} then 0
    when abs(${deviation}) < ${mostToSquare} then ${deviation} * ${deviation} end`
  const squares = sql`case when max(abs(${deviation})) < ${mostToSquare} then sum(${square}) end`
  const percentile = (fraction: number) => number(dialect.percentile(points.value, fraction))
  const query = db
    .select({
      ...fields,
      count: count(),
      sum: number(boundedSum(sql`${points.value}`)),
      median: percentile(0.5),
      min: min(points.value),
      max: max(points.value),
      p95: percentile(0.95),
      p99: percentile(0.99),
      squares: number(squares),
    })
    .from(points)
  const rows = await (terms.length > 0 ? query.groupBy(...terms) : query)
  return rows.map((row): Measured<MetricAggregate> => {
    const { count, sum, median, min, max, p95, p99, squares } = row
    const mean = sum === null ? null : sum / count
    const stdDev = squares === null ? null : count > 1 ? Math.sqrt(squares / (count - 1)) : 0
    return { key: keys.of(row), measures: { count, sum, mean, median, min, max, p95, p99, stdDev } }
  })
}

const number = (value: SQL) => sql<number | null>`${value}`.mapWith(Number)
