import { and, asc, desc, eq } from 'drizzle-orm'
import type { BucketUnit } from '../engines/dialect.ts'
import type { Pool, ReadOptions } from '../engines/pool.ts'
import { ValidationError } from '../errors.ts'
import type { Instant } from '../rows/records.ts'
import { safeText } from '../text/safe-json.ts'
import { stableJson } from '../text/stable-json.ts'
import { bucketSeconds } from './analytics/buckets.ts'
import { type Group, type GroupOptions, measureGroups, splitGroupOptions } from './analytics/groups.ts'
import type { MetricFilter, MetricOrder, PointFilter, PointOrder } from './entities/metrics.ts'
import { EntityList } from './entity-list.ts'
import { type MetricAggregate, metricAggregates, noPoints, type PointDimension } from './metric-aggregate.ts'
import { builtInMetrics } from './metric-built-in.ts'
import { type Histogram, HistogramSum, histogramColumns, percentileOf } from './metric-histogram.ts'
import {
  type Metric,
  type MetricPoint,
  type MetricPointSummary,
  metricColumns,
  pointColumns,
  pointSummaryColumns,
} from './metric-rows.ts'
import { metricSeries, type SeriesSums, type SeriesValue } from './metric-series.ts'
import { knownMetrics } from './metric-source.ts'
import { type Page, type PageOptions, type StreamOptions, splitPageOptions, splitStreamOptions } from './page.ts'
import { splitReadOptions } from './read-options.ts'
import type { ReadScope } from './read-scope.ts'
import { Repository, type RepositoryOptions } from './repository.ts'
import { compileRows } from './row-reader.ts'

/** A metric in two periods of equal length. */
export interface MetricComparison {
  readonly current: MetricAggregate
  readonly previous: MetricAggregate
  /** The mean now minus the mean before; null where one of them is of nothing. */
  readonly change: number | null
  /** The change as a share of the mean before. */
  readonly relativeChange: number | null
  /** Whether the mean went the way that the metric's description calls better; null where it does not say. */
  readonly isBetter: boolean | null
}

/** A histogram's percentiles, by their fractions. */
export interface HistogramPercentiles extends Omit<Histogram, 'ranges'> {
  readonly mean: number | null
  readonly percentiles: Readonly<Record<number, number | null>>
}

/** Reads metrics and their points of one project. */
export class MetricRepository extends Repository {
  readonly #metrics: EntityList<'metrics', ReturnType<typeof metricColumns>>
  readonly #points: EntityList<'metricPoints', ReturnType<typeof pointSummaryColumns>>
  readonly #wholePoints: EntityList<'metricPoints', ReturnType<typeof pointColumns>>
  readonly #histograms: EntityList<'metricPoints', ReturnType<typeof histogramColumns>>

  constructor(pool: Pool, options?: RepositoryOptions) {
    super(pool, options)
    const within = (limits: ReadOptions) => this.within(limits)
    const { scope } = this
    const source = knownMetrics(scope)
    const entity = 'metricPoints'
    this.#metrics = new EntityList(within, { entity: 'metrics', columns: metricColumns(source.table), source })
    this.#points = new EntityList(within, { entity, columns: pointSummaryColumns(pool.tables) })
    this.#wholePoints = new EntityList(within, { entity, columns: pointColumns(pool.tables) })
    this.#histograms = new EntityList(within, { entity, columns: histogramColumns(pool.tables) })
  }

  /**
   * What a metric means: as it was described, else as it is built in; undefined when it is not described.
   *
   * @param descriptionId which description of the name, as its points have it. @default the one that was written last
   */
  async get(name: string, descriptionId?: string, options?: ReadOptions): Promise<Metric | undefined> {
    const { db, tables } = this.pool
    const { metrics } = tables
    const columns = metricColumns(metrics)
    const isDescription = descriptionId === undefined ? undefined : eq(metrics.descriptionId, descriptionId)
    const isIt = and(eq(metrics.projectId, this.projectId), eq(metrics.name, safeText(name)), isDescription)
    const newest = [desc(metrics.writtenAt), asc(metrics.descriptionId)]
    const read = ({ pool }: ReadScope) =>
      compileRows(
        pool,
        db
          .select(columns)
          .from(metrics)
          .where(isIt)
          .orderBy(...newest)
          .limit(1),
        columns,
      )()
    const [metric] = await this.run('get a metric', read, options)
    return metric ?? builtInMetrics.find((builtIn) => builtIn.name === name && !descriptionId)
  }

  /**
   * Metrics in the order of their names, the built-in ones among them. Names of points that are not described are missing.
   *
   * @throws ValidationError for an invalid limit, order, cursor or filter
   */
  list(options: MetricFilter & PageOptions<MetricOrder> = {}): Promise<Page<Metric>> {
    return this.#metrics.page(...splitPageOptions<MetricFilter, MetricOrder>(options))
  }

  /** How many metrics match, the built-in ones among them. */
  countDescriptions(filter: MetricFilter & ReadOptions = {}): Promise<number> {
    return this.#metrics.count(filter)
  }

  /** All metrics that match, the built-in ones among them, in the memory of one batch. */
  streamDescriptions(options: MetricFilter & StreamOptions<MetricOrder> = {}): AsyncGenerator<Metric, void, undefined> {
    return this.#metrics.stream(...splitStreamOptions<MetricFilter, MetricOrder>(options))
  }

  /** Points of a metric without exemplars, resource and scope, newest first by default. */
  points(
    metricName: string,
    options: Omit<PointFilter, 'metricName'> & PageOptions<PointOrder> = {},
  ): Promise<Page<MetricPointSummary>> {
    return this.listPoints({ ...options, metricName })
  }

  /**
   * Points of any metric without exemplars, resource and scope, newest first by default.
   *
   * @throws ValidationError for an invalid limit, order, cursor or filter
   */
  listPoints(options: PointFilter & PageOptions<PointOrder> = {}): Promise<Page<MetricPointSummary>> {
    return this.#points.page(...splitPageOptions<PointFilter, PointOrder>(options))
  }

  /** How many points match. */
  count(filter: PointFilter & ReadOptions = {}): Promise<number> {
    return this.#points.count(filter)
  }

  /** All points that match, of any metric, whole, in the memory of one batch. */
  stream(options: PointFilter & StreamOptions<PointOrder> = {}): AsyncGenerator<MetricPoint, void, undefined> {
    return this.#wholePoints.stream(...splitStreamOptions<PointFilter, PointOrder>(options))
  }

  /** The newest point of a metric, whole, or undefined when there is none. */
  async latest(metricName: string, options: PointFilter & ReadOptions = {}): Promise<MetricPoint | undefined> {
    const [filter, limits] = splitReadOptions<PointFilter>(options)
    return (await this.#wholePoints.page({ ...filter, metricName }, { limit: 1, ...limits })).items[0]
  }

  /**
   * A metric bucket by bucket.
   *
   * @example
   * const hours = await store.metrics.series('latency_ms', { bucket: 'hour', since: '2026-11-20T00:00:00Z', fill: true })
   */
  async series<D extends PointDimension = never>(
    metricName: string,
    { bucket, ...options }: PointFilter & { bucket: BucketUnit } & Omit<GroupOptions<D>, 'bucket' | 'compare'>,
  ): Promise<Group<SeriesValue, D, BucketUnit>[]> {
    const [{ by, fill }, filter] = splitGroupOptions<PointFilter, D, undefined, undefined>(options)
    const scope = this.within(options)
    const groups = await measureGroups(scope, metricSeries, { by, bucket, fill }, { ...filter, metricName })
    return (groups as (SeriesSums & { bucket: string })[]).map(({ growth, ...group }) => ({
      ...group,
      rate: growth / bucketSeconds(bucket, group.bucket),
    })) as unknown as Group<SeriesValue, D, BucketUnit>[]
  }

  /** The values of a metric in numbers: of counters and gauges. Histograms have `percentiles`. */
  async aggregate(metricName: string, filter: PointFilter & ReadOptions = {}): Promise<MetricAggregate> {
    const [found] = await this.aggregates({ ...filter, metricName })
    return found ?? noPoints
  }

  /** The values of metrics in numbers, by any names and by time. */
  async aggregates<
    D extends PointDimension = never,
    B extends BucketUnit | undefined = undefined,
    C extends boolean | undefined = undefined,
  >(options: PointFilter & GroupOptions<D, B, C> = {}): Promise<Group<MetricAggregate, D, B, C>[]> {
    return measureGroups(this.within(options), metricAggregates, ...splitGroupOptions(options))
  }

  /** Compares a metric from `since` to `until` (now unless given) with the period of the same length before. */
  async compare(metricName: string, filter: PointFilter & ReadOptions & { since: Instant }): Promise<MetricComparison> {
    const [[found], metric] = await Promise.all([
      this.aggregates({ ...filter, metricName, compare: true }),
      this.get(metricName, undefined, splitReadOptions(filter)[1]),
    ])
    const { previous = noPoints, ...current } = found ?? noPointsTwice
    const change = current.mean === null || previous.mean === null ? null : current.mean - previous.mean
    const { lowerIsBetter = null } = metric ?? {}
    return {
      current,
      previous,
      change,
      relativeChange: change === null || !previous.mean ? null : change / Math.abs(previous.mean),
      isBetter: change === null || change === 0 || lowerIsBetter === null ? null : change < 0 === lowerIsBetter,
    }
  }

  /**
   * Percentiles of a histogram, from the buckets of all its points that match. Points of cumulative histograms hold all
   * since their start: of these the last point of each time series and start counts.
   *
   * @param options.fractions which percentiles, 0 to 1. @default [0.5, 0.9, 0.95, 0.99]
   */
  async percentiles(
    metricName: string,
    {
      fractions = [0.5, 0.9, 0.95, 0.99],
      ...options
    }: PointFilter & ReadOptions & { fractions?: readonly number[] | undefined } = {},
  ): Promise<HistogramPercentiles> {
    if (!fractions.every((fraction) => fraction >= 0 && fraction <= 1)) {
      throw new ValidationError('Invalid percentiles', [{ field: 'fractions', message: 'must be from 0 to 1' }])
    }
    const all = new HistogramSum()
    const counted = new Set<string>()
    const [filter, limits] = splitReadOptions<PointFilter>(options)
    for await (const point of this.#histograms.stream({ ...filter, metricName, type: 'histogram' }, limits)) {
      if (point.temporality === 'cumulative') {
        const { startTime, serviceName, environment, attributes, resource, scope } = point
        const series = stableJson([startTime, serviceName, environment, attributes, resource, scope])
        if (counted.has(series)) continue
        counted.add(series)
      }
      all.add(point)
    }
    const { ranges: _, ...rest } = all.total
    const found = fractions.map((fraction) => [fraction, percentileOf(all.total, fraction)] as const)
    const mean = rest.sum === null || rest.count === 0 ? null : rest.sum / rest.count
    return { ...rest, mean, percentiles: Object.fromEntries(found) }
  }
}

const noPointsTwice = { ...noPoints, previous: noPoints }
