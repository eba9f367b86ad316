import type { BucketUnit } from '../dialects/dialect.ts'
import {
  checkedDimensions,
  type RunDimension,
  spanDimensions,
  traceDimensions,
  type UsageDimension,
} from './analytics/dimensions.ts'
import { type Group, type GroupOptions, measureGroups } from './analytics/groups.ts'
import { type Latency, noLatency, readLatency } from './analytics/latency.ts'
import { noRuns, type Runs, readRuns } from './analytics/runs.ts'
import { readStatistics, type Statistics } from './analytics/statistics.ts'
import { noUsage, readUsage, type Usage } from './analytics/usage.ts'
import type { SpanFilter, TraceFilter } from './filters.ts'
import { Repository } from './repository.ts'

export { type RunDimension, type UsageDimension, usageDimensions } from './analytics/dimensions.ts'
export type { Group, GroupOptions } from './analytics/groups.ts'
export type { Latency } from './analytics/latency.ts'
export type { Runs } from './analytics/runs.ts'
export type { Statistics } from './analytics/statistics.ts'
export type { Usage } from './analytics/usage.ts'

type Bucket = BucketUnit | undefined
type Compare = boolean | undefined

/** Usage of one group: the names grouped by (null where spans have none), and its sums. */
export type UsageGroup<D extends UsageDimension, B extends Bucket = undefined, C extends Compare = undefined> = Group<
  Usage,
  D,
  B,
  C
>

/**
 * Sums and percentiles of one project. `usage` and `latency` look at spans, `runs` and `statistics` at traces; all obey
 * the same filters as lists. Every method throws a ValidationError for a name, a filter or an option that is none.
 */
export class Analytics extends Repository {
  /**
   * Spans, traces, errors, tokens, cost and durations of spans, one group for each combination of names. Without `by`
   * and `bucket` there is one group, of zeros where nothing fits.
   *
   * @example
   * const days = await store.analytics.usage({ by: ['provider', 'model'], bucket: 'day', since, compare: true })
   */
  async usage<D extends UsageDimension = never, B extends Bucket = undefined, C extends Compare = undefined>({
    by,
    bucket,
    fill,
    compare,
    ...filter
  }: SpanFilter & GroupOptions<D, B, C> = {}): Promise<UsageGroup<D, B, C>[]> {
    const names = checkedDimensions(spanDimensions, by)
    const groups = await this.run('sum the usage', () =>
      measureGroups<Usage, SpanFilter>(
        { zeros: noUsage, read: (...asked) => readUsage(this.scope, names, ...asked) },
        { by, bucket, fill, compare },
        filter,
      ),
    )
    return groups as UsageGroup<D, B, C>[]
  }

  /** How long spans took: count, mean, extremes and percentiles, grouped as `usage` is. */
  async latency<D extends UsageDimension = never, B extends Bucket = undefined, C extends Compare = undefined>({
    by,
    bucket,
    fill,
    compare,
    ...filter
  }: SpanFilter & GroupOptions<D, B, C> = {}): Promise<Group<Latency, D, B, C>[]> {
    const names = checkedDimensions(spanDimensions, by)
    const groups = await this.run('measure the latency', () =>
      measureGroups<Latency, SpanFilter>(
        { zeros: noLatency, read: (...asked) => readLatency(this.scope, names, ...asked) },
        { by, bucket, fill, compare },
        filter,
      ),
    )
    return groups as Group<Latency, D, B, C>[]
  }

  /**
   * Runs, failures, steps, wall time, tokens and cost of traces, grouped as `usage` is. It reads trace rows, which are
   * far fewer than spans, and counts traces without spans as well.
   */
  async runs<D extends RunDimension = never, B extends Bucket = undefined, C extends Compare = undefined>({
    by,
    bucket,
    fill,
    compare,
    ...filter
  }: TraceFilter & GroupOptions<D, B, C> = {}): Promise<Group<Runs, D, B, C>[]> {
    const names = checkedDimensions(traceDimensions, by)
    const groups = await this.run('sum the runs', () =>
      measureGroups<Runs, TraceFilter>(
        { zeros: noRuns, read: (...asked) => readRuns(this.scope, names, ...asked) },
        { by, bucket, fill, compare },
        filter,
      ),
    )
    return groups as Group<Runs, D, B, C>[]
  }

  /** The traces of a filter at a glance. */
  statistics(filter: TraceFilter = {}): Promise<Statistics> {
    return this.run('read the statistics', () => readStatistics(this.scope, filter))
  }
}
