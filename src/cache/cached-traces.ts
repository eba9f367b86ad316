import type { Pool, ReadOptions } from '../engines/pool.ts'
import type { TraceFilter, TraceOrder } from '../repositories/entities/traces-and-spans.ts'
import type { Page, PageOptions } from '../repositories/page.ts'
import type { RepositoryOptions } from '../repositories/repository.ts'
import { type GetTraceOptions, TraceRepository } from '../repositories/trace-repository.ts'
import type { Trace, TraceAlone, TraceSummary } from '../repositories/trace-rows.ts'
import { safeText } from '../text/safe-json.ts'
import { cacheKey } from './cache-key.ts'
import { allTracesTag, projectTag, traceTag } from './cache-tag.ts'
import type { ReadCache } from './read-cache.ts'

/** Traces by id, first pages and counts through a cache. Its answers are frozen. */
export class CachedTraceRepository extends TraceRepository {
  readonly #cache: ReadCache
  /** Reads from the primary: an answer that a replica gives late must not be kept. */
  readonly #source: TraceRepository

  constructor(pool: Pool, cache: ReadCache, options?: RepositoryOptions) {
    super(pool, options)
    this.#cache = cache
    this.#source = new TraceRepository(pool.primary, options)
  }

  override get(traceId: string, options?: ReadOptions & { spans?: true | undefined }): Promise<Trace | undefined>
  override get(traceId: string, options: GetTraceOptions): Promise<TraceAlone | undefined>
  override async get(traceId: string, options: GetTraceOptions = {}): Promise<Trace | TraceAlone | undefined> {
    const { projectId } = this
    const tag = traceTag(projectId, safeText(traceId))
    const part = options.spans === false ? 'alone' : 'whole'
    return this.#cache.read<Trace | TraceAlone | undefined>(
      {
        tags: [allTracesTag(projectId), tag],
        key: `${tag}:${part}`,
        load: () => this.#source.get(traceId, options),
      },
      options,
    )
  }

  override list(options: TraceFilter & PageOptions<TraceOrder> = {}): Promise<Page<TraceSummary>> {
    const isFirst = options.after === undefined && (options.offset ?? 0) === 0
    if (!isFirst) return super.list(options)
    return this.#ofProject('list', options, () => this.#source.list(options))
  }

  override runsOf(parentRunId: string, options: PageOptions<TraceOrder> = {}): Promise<Page<TraceSummary>> {
    // The same read as `list`; only this method has a parameter that is no filter.
    return this.list({ ...options, parentRunId })
  }

  override count(filter: TraceFilter & ReadOptions = {}): Promise<number> {
    return this.#ofProject('count', filter, () => this.#source.count(filter))
  }

  #ofProject<T>(method: string, options: ReadOptions, load: () => Promise<T>): Promise<T> {
    const key = cacheKey(this.projectId, `traces.${method}`, options)
    if (key === undefined) return load()
    return this.#cache.read({ tags: [projectTag(this.projectId)], key, load }, options)
  }
}
