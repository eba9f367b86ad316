import type { BucketUnit } from '../engines/dialect.ts'
import type { Pool, ReadOptions } from '../engines/pool.ts'
import {
  Analytics,
  type Group,
  type GroupOptions,
  type Latency,
  type RunDimension,
  type Runs,
  type Statistics,
  type UsageDimension,
  type UsageGroup,
  type UsageMeasure,
  type UsageOptions,
} from '../repositories/analytics/analytics.ts'
import type { SpanFilter, TraceFilter } from '../repositories/entities/traces-and-spans.ts'
import type { RepositoryOptions } from '../repositories/repository.ts'
import { cacheKey } from './cache-key.ts'
import { projectTag } from './cache-tag.ts'
import type { ReadCache } from './read-cache.ts'

type Bucket = BucketUnit | undefined
type Compare = boolean | undefined

/** Sums and percentiles through a cache. Its answers are frozen. */
export class CachedAnalytics extends Analytics {
  readonly #cache: ReadCache
  /** Reads from the primary: an answer that a replica gives late must not be kept. */
  readonly #source: Analytics

  constructor(pool: Pool, cache: ReadCache, options?: RepositoryOptions) {
    super(pool, options)
    this.#cache = cache
    this.#source = new Analytics(pool.primary, options)
  }

  override usage<
    D extends UsageDimension = never,
    B extends Bucket = undefined,
    C extends Compare = undefined,
    M extends UsageMeasure = UsageMeasure,
  >(options: SpanFilter & GroupOptions<D, B, C> & UsageOptions<M> = {}): Promise<UsageGroup<D, B, C, M>[]> {
    return this.#cached('usage', options, () => this.#source.usage(options))
  }

  override latency<D extends UsageDimension = never, B extends Bucket = undefined, C extends Compare = undefined>(
    options: SpanFilter & GroupOptions<D, B, C> = {},
  ): Promise<Group<Latency, D, B, C>[]> {
    return this.#cached('latency', options, () => this.#source.latency(options))
  }

  override runs<D extends RunDimension = never, B extends Bucket = undefined, C extends Compare = undefined>(
    options: TraceFilter & GroupOptions<D, B, C> = {},
  ): Promise<Group<Runs, D, B, C>[]> {
    return this.#cached('runs', options, () => this.#source.runs(options))
  }

  override statistics(filter: TraceFilter & ReadOptions = {}): Promise<Statistics> {
    return this.#cached('statistics', filter, () => this.#source.statistics(filter))
  }

  #cached<T>(method: string, options: ReadOptions, load: () => Promise<T>): Promise<T> {
    const { compare, until } = options as { compare?: Compare; until?: unknown }
    // Without `until` the compared period ends now, which changes at each call.
    const moves = compare === true && until === undefined
    const key = moves ? undefined : cacheKey(this.projectId, `analytics.${method}`, options)
    return key === undefined ? load() : this.#cache.read({ tags: [projectTag(this.projectId)], key, load }, options)
  }
}
