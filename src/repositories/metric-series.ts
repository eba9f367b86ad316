import { and, getTableColumns, gte, type SQL, sql } from 'drizzle-orm'
import type { Measurement } from './analytics/groups.ts'
import { type KeysOf, type Measured, partOf } from './analytics/keys.ts'
import { boundedSum, summable } from './bounded-sum.ts'
import type { PointFilter } from './entities/metrics.ts'
import { compileFilter } from './filters/compile.ts'
import { checkedInstant } from './filters/values.ts'
import { type PointDimension, pointDimensions } from './metric-aggregate.ts'
import type { ReadScope } from './read-scope.ts'

/**
 * A metric during one bucket of time. What would be a measure of nothing is null, and so are sum and mean of values of
 * 1e290 and more, which `rate` leaves out.
 */
export interface SeriesValue {
  /**
   * Measurements: points with a value, and what histograms and summaries counted. Of a cumulative histogram, count and
   * sum are what its points added to those before them. The first point of a series and start counts whole, unless
   * `since` lies after its start.
   */
  readonly count: number
  readonly sum: number | null
  readonly avg: number | null
  readonly min: number | null
  readonly max: number | null
  /** The value of the last point; of a histogram or summary its mean. */
  readonly last: number | null
  /**
   * Per second: of a cumulative counter how much it grew, of everything else the sum. Each time series (resource, scope,
   * service, environment, attributes and start) grows by itself, and its first point only begins. A restart counts from
   * zero: a fall, or a start after the series' last point. Where the points say `isMonotonic: false`, a fall is taken
   * off.
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
  hasAttributes: true,
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
  const measured = dialect.asFloat(sql`coalesce(${count}, case when ${value} is null then 0 else 1 end)`)
  const isCumulative = sql`${type} <> 'gauge' and ${temporality} = 'cumulative'`
  const { metricName, serviceName, environment, attributes, resource, scope: source, startTime } = metricPoints
  // What distinguishes time series (OpenTelemetry's data model). Documents are compared where that is asked for only.
  const documents = [attributes, resource, source].map((document) => {
    const selectAll = (field: SQL) => db.selectDistinct({ field }).from(metricPoints).where(fits)
    return sql`case when ${isCumulative} then ${dialect.comparable(document, selectAll)} end`
  })
  const described = [metricName, type, serviceName, environment].map((name) => sql`${name}`)
  const identity = sql.join([...described, ...documents], sql`, `)
  // Processes with equal attributes are told apart by when they started.
  const lag = (field: SQL) =>
    sql`lag(${field}) over (partition by ${identity}, ${startTime} order by ${time}, ${pointId})`
  const lagOfAll = (field: SQL) => sql`lag(${field}) over (partition by ${identity} order by ${time}, ${pointId})`
  const since = filter.since === undefined ? undefined : gte(startTime, checkedInstant(filter.since, 'since'))
  const points = db
    .select({
      ...keys.named,
      measured: measured.as('measured'),
      total: total.as('total'),
      least: sql`coalesce(${min}, ${value})`.as('least'),
      most: sql`coalesce(${max}, ${value})`.as('most'),
      // What a fall shows in: the value of a counter, the count of a histogram.
      level: sql`coalesce(${dialect.asFloat(sql`${count}`)}, ${summable(sql`${value}`)})`.as('level'),
      level_before: lag(sql`coalesce(${dialect.asFloat(sql`${count}`)}, ${summable(sql`${value}`)})`).as(
        'level_before',
      ),
      level_of_last_start: lagOfAll(summable(sql`${value}`)).as('level_of_last_start'),
      total_before: lag(summable(total)).as('total_before'),
      // Nullable in this form on every engine: ClickHouse has no nulls for columns without.
      started: sql`case when ${isCumulative} then ${dialect.microsOf(startTime)} end`.as('started'),
      time_before: lagOfAll(sql`case when ${isCumulative} then ${dialect.microsOf(time)} end`).as('time_before'),
      is_in_period: (since ? sql`coalesce(${since}, false)` : sql`true`).as('is_in_period'),
      is_cumulative: sql`${isCumulative}`.as('is_cumulative'),
      is_counter: sql`${type} = 'counter'`.as('is_counter'),
      is_monotonic: sql`coalesce(${isMonotonic}, true)`.as('is_monotonic'),
      position: sql`row_number() over (${groups} order by ${time} desc, ${pointId} desc)`.as('position'),
    })
    .from(metricPoints)
    .where(fits)
    .as('points')
  const { fields, terms } = keys.within('points')
  const part = (name: string) => partOf('points', name)
  const { added, counted, growth } = increases(part)
  const lastOf = (name: string) => number(sql`max(case when ${part('position')} = 1 then ${part(name)} end)`)
  const query = db
    .select({
      ...fields,
      count: number(sql`coalesce(sum(${counted}), 0)`),
      sum: number(boundedSum(added)),
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

/**
 * What each point added. By the names of the inner query, and not within it: engines look back as often as it is
 * written.
 */
function increases(part: (name: string) => SQL): Record<'added' | 'counted' | 'growth', SQL> {
  const [level, levelBefore, total] = [part('level'), part('level_before'), part('total')]
  const isRestart = sql`${part('started')} >= ${part('time_before')}`
  const grown = sql`case
    when ${levelBefore} is null and ${isRestart} and ${part('is_monotonic')} then ${level}
    when ${levelBefore} is null and ${isRestart} then ${level} - ${part('level_of_last_start')}
    when ${levelBefore} is null then 0
    when ${level} < ${levelBefore} and ${part('is_monotonic')} then ${level}
    else ${level} - ${levelBefore} end`
  const isDistribution = sql`(${part('is_cumulative')} and not ${part('is_counter')})`
  const sinceBefore = (whole: SQL, before: SQL) => sql`case
    when not ${isDistribution} then ${whole}
    when ${levelBefore} is null then case when ${part('is_in_period')} or ${isRestart} then ${whole} end
    when ${level} < ${levelBefore} then ${whole}
    else ${whole} - ${before} end`
  const added = sinceBefore(total, part('total_before'))
  return {
    added,
    counted: sinceBefore(part('measured'), levelBefore),
    growth: sql`case when ${part('is_cumulative')} and ${part('is_counter')} then ${grown} else ${summable(added)} end`,
  }
}

const mean = (sum: number | null, count: number | null) => (sum === null || !count ? null : sum / count)

const number = (value: SQL) => sql<number | null>`${value}`.mapWith(Number)
