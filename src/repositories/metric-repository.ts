import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import type { MetricPointRow, MetricRow } from '../../schema/tables.ts'
import type { BucketUnit } from '../engines/dialect.ts'
import type { Pool } from '../engines/pool.ts'
import { ValidationError } from '../errors.ts'
import type { Instant } from '../rows/records.ts'
import { compareUtf8 } from '../text/compare-utf8.ts'
import { safeText } from '../text/safe-json.ts'
import { stableJson } from '../text/stable-json.ts'
import { bucketSeconds } from './analytics/buckets.ts'
import { type Group, type GroupOptions, measureGroups, splitGroupOptions } from './analytics/groups.ts'
import { columnsWithout, internalColumns } from './columns.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { type MetricAggregate, metricAggregates, noPoints, type PointDimension } from './metric-aggregate.ts'
import { builtInMetrics, builtInMetricsThat } from './metric-built-in.ts'
import { compileMetricFilter, compilePointFilter, type MetricFilter, type PointFilter } from './metric-filter.ts'
import { type Histogram, HistogramSum, histogramColumns, percentileOf } from './metric-histogram.ts'
import { metricSeries, type SeriesSums, type SeriesValue } from './metric-series.ts'
import { checkedLimit, type Page, pageOf } from './page.ts'
import {
  RecordList,
  type RecordPageOptions,
  type RecordStreamOptions,
  splitPageOptions,
  splitStreamOptions,
} from './record-list.ts'
import { Repository, type RepositoryOptions } from './repository.ts'
import { compileRows } from './row-reader.ts'

const heavyColumns = ['exemplars', 'attributeTypes', 'resource', 'scope'] as const

/** What a metric means. */
export type Metric = Omit<MetricRow, (typeof internalColumns)[number]>

/** A point of a metric as it is stored. */
export type MetricPoint = Omit<MetricPointRow, (typeof internalColumns)[number] | 'document'>

/** A point as lists show it: without exemplars, resource and scope. */
export type MetricPointSummary = Omit<MetricPoint, (typeof heavyColumns)[number]>

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

const metricColumns = ({ metrics }: Pool['tables']) => columnsWithout(metrics, ...internalColumns)
const pointColumns = ({ metricPoints }: Pool['tables']) => columnsWithout(metricPoints, ...internalColumns, 'document')
const pointSummaryColumns = ({ metricPoints }: Pool['tables']) =>
  columnsWithout(metricPoints, ...internalColumns, 'document', ...heavyColumns)

/** Reads metrics and their points of one project. */
export class MetricRepository extends Repository {
  readonly #list: RecordList<PointFilter, ReturnType<typeof pointSummaryColumns>>
  readonly #records: RecordList<PointFilter, ReturnType<typeof pointColumns>>
  readonly #histograms: RecordList<PointFilter, ReturnType<typeof histogramColumns>>

  constructor(pool: Pool, options?: RepositoryOptions) {
    super(pool, options)
    const compile = (filter: PointFilter) => compilePointFilter(this.scope, filter)
    const list = { name: 'points', table: pool.tables.metricPoints, id: 'pointId', compile } as const
    this.#list = new RecordList(this.scope, { ...list, columns: pointSummaryColumns(pool.tables) })
    this.#histograms = new RecordList(this.scope, { ...list, columns: histogramColumns(pool.tables) })
    this.#records = new RecordList(this.scope, { ...list, columns: pointColumns(pool.tables) })
  }

  /** What a metric means: as it was described, else as it is built in; undefined when nobody said. */
  async get(name: string): Promise<Metric | undefined> {
    const [metric] = await this.#stored({ name: safeText(name) }, undefined, 1)
    return metric ?? builtInMetrics.find((builtIn) => builtIn.name === name)
  }

  /**
   * Metrics in the order of their names, the built-in ones among them. Names of points that nobody described are not.
   *
   * @throws ValidationError for a limit, a cursor or a filter that is none
   */
  async list({
    limit,
    after,
    ...filter
  }: MetricFilter & Pick<RecordPageOptions, 'limit' | 'after'> = {}): Promise<Page<Metric>> {
    const size = checkedLimit(limit)
    const from = after === undefined ? undefined : decodeCursor(cursorOrder, after, 1)[0]
    if (from !== undefined && typeof from !== 'string') {
      throw new ValidationError('Invalid page', [{ field: 'after', message: 'is not a cursor that a list returned' }])
    }
    const [stored, builtIn] = await Promise.all([this.#stored(filter, from, size + 1), this.#builtIn(filter)])
    const all = [...stored, ...builtIn.filter(({ name }) => from === undefined || compareUtf8(name, from) > 0)]
    all.sort((a, b) => compareUtf8(a.name, b.name))
    return pageOf(all.slice(0, size + 1), size, (last) => encodeCursor(cursorOrder, [last.name]))
  }

  /** Points without exemplars, resource and scope, newest first unless told otherwise. */
  points(metricName: string, options: PointFilter & RecordPageOptions = {}): Promise<Page<MetricPointSummary>> {
    return this.#list.page(...splitPageOptions({ ...options, metricName }))
  }

  /** All points that fit, of any metric, whole, in the memory of one batch. */
  stream(options: PointFilter & RecordStreamOptions = {}): AsyncGenerator<MetricPoint, void, undefined> {
    return this.#records.stream(...splitStreamOptions(options))
  }

  /** How many points fit. */
  count(filter: PointFilter = {}): Promise<number> {
    return this.#list.count(filter)
  }

  /** The newest point of a metric, whole, or undefined when there is none. */
  async latest(metricName: string, filter: PointFilter = {}): Promise<MetricPoint | undefined> {
    return (await this.#records.page({ ...filter, metricName }, { limit: 1 })).items[0]
  }

  /**
   * A metric bucket by bucket.
   *
   * @example
   * const hours = await store.metrics.series('latency_ms', { bucket: 'hour', since: '2026-11-20T00:00:00Z', fill: true })
   */
  async series<D extends PointDimension = never>(
    metricName: string,
    { by, bucket, fill, ...filter }: PointFilter & { bucket: BucketUnit } & Omit<GroupOptions<D>, 'bucket' | 'compare'>,
  ): Promise<Group<SeriesValue, D, BucketUnit>[]> {
    const groups = await measureGroups(this.scope, metricSeries, { by, bucket, fill }, { ...filter, metricName })
    return (groups as (SeriesSums & { bucket: string })[]).map(({ growth, ...group }) => ({
      ...group,
      rate: growth / bucketSeconds(bucket, group.bucket),
    })) as unknown as Group<SeriesValue, D, BucketUnit>[]
  }

  /** The values of a metric in numbers: of counters and gauges. Histograms have `percentiles`. */
  async aggregate(metricName: string, filter: PointFilter = {}): Promise<MetricAggregate> {
    const [found] = await this.aggregates({ ...filter, metricName })
    return found ?? noPoints
  }

  /** The values of metrics in numbers, by any names and by time. */
  async aggregates<
    D extends PointDimension = never,
    B extends BucketUnit | undefined = undefined,
    C extends boolean | undefined = undefined,
  >(options: PointFilter & GroupOptions<D, B, C> = {}): Promise<Group<MetricAggregate, D, B, C>[]> {
    return measureGroups(this.scope, metricAggregates, ...splitGroupOptions(options))
  }

  /** Compares a metric from `since` to `until` (now unless given) with the period of the same length before. */
  async compare(metricName: string, filter: PointFilter & { since: Instant }): Promise<MetricComparison> {
    const [[found], metric] = await Promise.all([
      this.aggregates({ ...filter, metricName, compare: true }),
      this.get(metricName),
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
   * Percentiles of a histogram, from the buckets of all its points that fit. Points of cumulative histograms hold all
   * since their start: of these the last point of each time series and start counts.
   *
   * @param options.fractions which percentiles, 0 to 1. @default [0.5, 0.9, 0.95, 0.99]
   */
  async percentiles(
    metricName: string,
    { fractions = [0.5, 0.9, 0.95, 0.99], ...filter }: PointFilter & { fractions?: readonly number[] | undefined } = {},
  ): Promise<HistogramPercentiles> {
    if (!fractions.every((fraction) => fraction >= 0 && fraction <= 1)) {
      throw new ValidationError('Invalid percentiles', [{ field: 'fractions', message: 'must be from 0 to 1' }])
    }
    const all = new HistogramSum()
    const counted = new Set<string>()
    for await (const point of this.#histograms.stream({ ...filter, metricName, type: 'histogram' }, {})) {
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

  #stored(filter: MetricFilter, from: string | undefined, limit: number): Promise<Metric[]> {
    const { db, tables } = this.pool
    const { metrics } = tables
    const columns = metricColumns(tables)
    return this.run('list metrics', () => {
      const isNext = from === undefined ? undefined : gt(metrics.name, from)
      const condition = and(eq(metrics.projectId, this.projectId), compileMetricFilter(this.scope, filter), isNext)
      const query = db.select(columns).from(metrics).where(condition).orderBy(asc(metrics.name)).limit(limit)
      return compileRows(this.pool, query, columns)()
    })
  }

  /** The built-in metrics that fit and that nobody described otherwise. */
  async #builtIn(filter: MetricFilter): Promise<Metric[]> {
    const names = builtInMetrics.map(({ name }) => name)
    const { metrics } = this.pool.tables
    const described = await this.run('list metrics', () =>
      this.pool.db
        .select({ name: metrics.name })
        .from(metrics)
        .where(and(eq(metrics.projectId, this.projectId), inArray(metrics.name, names))),
    )
    const taken = new Set(described.map(({ name }) => name))
    return builtInMetricsThat(filter).filter(({ name }) => !taken.has(name))
  }
}

const cursorOrder = 'metrics.name.asc'
const noPointsTwice = { ...noPoints, previous: noPoints }
