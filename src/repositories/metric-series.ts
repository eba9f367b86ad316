import { and, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { Measurement } from './analytics/groups.ts'
import { type KeysOf, type Measured, partOf } from './analytics/keys.ts'
import { boundedSum, summable } from './bounded-sum.ts'
import type { PointFilter } from './entities/metrics.ts'
import { compileFilter } from './filters/compile.ts'
import { type PointDimension, pointDimensions } from './metric-aggregate.ts'
import type { ReadScope } from './read-scope.ts'

/**
 * A metric during one bucket of time. What would be a measure of nothing is null, and so are sum and mean of values of
 * 1e290 and more, which `rate` leaves out.
 */
export interface SeriesValue {
  /** Measurements: points with a value, and what histograms and summaries counted. */
  readonly count: number
  readonly sum: number | null
  readonly avg: number | null
  readonly min: number | null
  readonly max: number | null
  /** The value of the last point; of a histogram or summary its mean. */
  readonly last: number | null
  /**
   * Per second: of a cumulative counter how much it grew, of everything else the sum. Each time series (resource, scope,
   * service, environment and attributes) grows by itself, and its first point only begins. A fall is a new start, but
   * where the points say `isMonotonic: false`: there it is taken off.
   */
  readonly rate: number
}

/** A bucket's measures before they are divided by its length. */
export type SeriesSums = Omit<SeriesValue, 'rate'> & { readonly growth: number }

/** The sums of no points. */
export const noSeriesSums: SeriesSums = { count: 0, sum: null, avg: null, min: null, max: null, last: null, growth: 0 }

/** A metric bucket by bucket. */
export const metricSeries: Measurement<SeriesSums, PointFilter, PointDimension> = {
  during: 'read a series',
  dimensions: pointDimensions,
  zeros: noSeriesSums,
  read: readSeries,
}

async function readSeries(scope: ReadScope, filter: PointFilter, keysOf: KeysOf): Promise<Measured<SeriesSums>[]> {
  const { db, dialect, tables } = scope.pool
  const { metricPoints } = tables
  const { value, count, sum, min, max, time, pointId, type, temporality, isMonotonic } = metricPoints
  const fits = and(
    sql`(${value} is not null or ${count} is not null)`,
    compileFilter(scope, 'metricPoints', filter).where,
  )
  const table = { ...getTableColumns(metricPoints), startTime: time }
  const keys = keysOf(table)
  const groups = keys.terms.length > 0 ? sql`partition by ${sql.join(keys.terms, sql`, `)}` : sql``
  const total = sql`coalesce(${sum}, ${value})`
  const measured = sql`coalesce(${count}, case when ${value} is null then 0 else 1 end)`
  const isCumulative = sql`${type} = 'counter' and ${temporality} = 'cumulative'`
  const { metricName, serviceName, environment, attributes, resource, scope: source } = metricPoints
  // What distinguishes time series (OpenTelemetry's data model). Documents are compared where that is asked for only.
  const documents = [attributes, resource, source].map((document) => {
    const selectAll = (field: SQL) => db.selectDistinct({ field }).from(metricPoints).where(fits)
    return sql`case when ${isCumulative} then ${dialect.comparable(document, selectAll)} end`
  })
  const identity = sql.join(
    [...[metricName, serviceName, environment].map((name) => sql`${name}`), ...documents],
    sql`, `,
  )
  const before = sql`lag(${summable(sql`${value}`)}) over (partition by ${identity} order by ${time}, ${pointId})`
  const points = db
    .select({
      ...keys.named,
      measured: measured.as('measured'),
      total: total.as('total'),
      least: sql`coalesce(${min}, ${value})`.as('least'),
      most: sql`coalesce(${max}, ${value})`.as('most'),
      value: summable(sql`${value}`).as('value'),
      before: before.as('before'),
      is_cumulative: sql`${isCumulative}`.as('is_cumulative'),
      is_monotonic: sql`${isMonotonic}`.as('is_monotonic'),
      position: sql`row_number() over (${groups} order by ${time} desc, ${pointId} desc)`.as('position'),
    })
    .from(metricPoints)
    .where(fits)
    .as('points')
  const { fields, terms } = keys.within('points')
  const part = (name: string) => partOf('points', name)
  // Outside of the query that looks back: engines do that as often as it is written.
  const grown = sql`case when ${part('before')} is null then 0
    when ${part('value')} < ${part('before')} and coalesce(${part('is_monotonic')}, true) then ${part('value')}
    else ${part('value')} - ${part('before')} end`
  const growth = sql`case when ${part('is_cumulative')} then ${grown} else ${summable(part('total'))} end`
  const lastOf = (name: string) => number(sql`max(case when ${part('position')} = 1 then ${part(name)} end)`)
  const query = db
    .select({
      ...fields,
      count: number(sql`coalesce(sum(${part('measured')}), 0)`),
      sum: number(boundedSum(part('total'))),
      min: number(sql`min(${part('least')})`),
      max: number(sql`max(${part('most')})`),
      growth: number(sql`coalesce(sum(${growth}), 0)`),
      lastTotal: lastOf('total'),
      lastCount: lastOf('measured'),
    })
    .from(points)
  const rows = await (terms.length > 0 ? query.groupBy(...terms) : query)
  return rows.map((row): Measured<SeriesSums> => {
    const { count: measuredCount, sum: totalSum, min: least, max: most, growth: grown, lastTotal, lastCount } = row
    return {
      key: keys.of(row),
      measures: {
        count: measuredCount ?? 0,
        sum: totalSum,
        avg: mean(totalSum, measuredCount),
        min: least,
        max: most,
        last: mean(lastTotal, lastCount),
        growth: grown ?? 0,
      },
    }
  })
}

const mean = (sum: number | null, count: number | null) => (sum === null || !count ? null : sum / count)

const number = (value: SQL) => sql<number | null>`${value}`.mapWith(Number)
