import type { BucketUnit } from '../../engines/dialect.ts'
import type { ReadOptions } from '../../engines/pool.ts'
import type { SpanFilter, TraceFilter } from '../entities/traces-and-spans.ts'
import { splitReadOptions } from '../read-options.ts'
import { Repository } from '../repository.ts'
import type { RunDimension, UsageDimension } from './dimensions.ts'
import { type Group, type GroupOptions, measureGroups, splitGroupOptions } from './groups.ts'
import { type Latency, latency } from './latency.ts'
import { type Runs, runs } from './runs.ts'
import { readStatistics, type Statistics } from './statistics.ts'
import { type Usage, type UsageMeasure, usage } from './usage.ts'

export { type RunDimension, type UsageDimension, usageDimensions } from './dimensions.ts'
export type { Group, GroupOptions } from './groups.ts'
export type { Latency } from './latency.ts'
export type { Runs } from './runs.ts'
export type { Statistics } from './statistics.ts'
export { type Usage, type UsageMeasure, usageMeasures } from './usage.ts'

type Bucket = BucketUnit | undefined
type Compare = boolean | undefined

/** Usage of one group: the names grouped by (null where spans have none), and its sums. */
export type UsageGroup<
  D extends UsageDimension,
  B extends Bucket = undefined,
  C extends Compare = undefined,
  M extends UsageMeasure = UsageMeasure,
> = Group<Pick<Usage, M>, D, B, C>

/** Which measures of usage are read. */
export interface UsageOptions<M extends UsageMeasure = UsageMeasure> {
  /**
   * Measures to read. `averageSteps` is by far the dearest, since it needs each trace of a group, and `traces` comes
   * next: without them a question reads spans alone, once.
   * @default all
   */
  measures?: readonly M[] | undefined
}

/**
 * Sums and percentiles of one project. `usage` and `latency` look at spans, `runs` and `statistics` at traces; all obey
 * the same filters as lists. Every method throws a ValidationError for an invalid name, filter or option.
 */
export class Analytics extends Repository {
  /**
   * Spans, traces, errors, tokens, cost and durations of spans, one group for each combination of names. Without `by`
   * and `bucket` there is one group, of zeros where nothing matches.
   *
   * @example
   * const days = await store.analytics.usage({ by: ['provider', 'model'], bucket: 'day', since, compare: true })
   */
  async usage<
    D extends UsageDimension = never,
    B extends Bucket = undefined,
    C extends Compare = undefined,
    M extends UsageMeasure = UsageMeasure,
  >(options: SpanFilter & GroupOptions<D, B, C> & UsageOptions<M> = {}): Promise<UsageGroup<D, B, C, M>[]> {
    const { measures, ...rest } = options
    const [groups, filter] = splitGroupOptions<SpanFilter, D, B, C>(rest as SpanFilter & GroupOptions<D, B, C>)
    return measureGroups(this.within(options), usage(measures), groups, filter)
  }

  /** How long spans took: count, mean, extremes and percentiles, grouped as `usage` is. */
  async latency<D extends UsageDimension = never, B extends Bucket = undefined, C extends Compare = undefined>(
    options: SpanFilter & GroupOptions<D, B, C> = {},
  ): Promise<Group<Latency, D, B, C>[]> {
    return measureGroups(this.within(options), latency, ...splitGroupOptions(options))
  }

  /**
   * Runs, failures, steps, wall time, tokens and cost of traces, grouped as `usage` is. It reads trace rows, which are
   * far fewer than spans, and counts traces without spans as well.
   */
  async runs<D extends RunDimension = never, B extends Bucket = undefined, C extends Compare = undefined>(
    options: TraceFilter & GroupOptions<D, B, C> = {},
  ): Promise<Group<Runs, D, B, C>[]> {
    return measureGroups(this.within(options), runs, ...splitGroupOptions(options))
  }

  /** The traces of a filter at a glance. */
  statistics(options: TraceFilter & ReadOptions = {}): Promise<Statistics> {
    const [filter, limits] = splitReadOptions<TraceFilter>(options)
    return this.run('read the statistics', (scope) => readStatistics(scope, filter), limits)
  }
}
