import type { Pool } from '../engines/pool.ts'
import { primaryOf } from '../engines/primary.ts'
import type { TraceFilter } from '../repositories/filters.ts'
import type { Page, PageOptions } from '../repositories/page.ts'
import type { RepositoryOptions } from '../repositories/repository.ts'
import {
  type GetTraceOptions,
  type Trace,
  type TraceAlone,
  TraceRepository,
  type TraceSummary,
} from '../repositories/trace-repository.ts'
import { safeText } from '../text/safe-json.ts'
import { questionName } from './cache-key.ts'
import { allTracesScope, projectScope, traceScope } from './cache-tag.ts'
import type { ReadCache } from './read-cache.ts'

/** Traces by id, first pages and counts through a cache. What it answers is frozen. */
export class CachedTraceRepository extends TraceRepository {
  readonly #cache: ReadCache
  /** Asks the primary: what a replica does not know yet must not be kept. */
  readonly #source: TraceRepository

  constructor(pool: Pool, cache: ReadCache, options?: RepositoryOptions) {
    super(pool, options)
    this.#cache = cache
    this.#source = new TraceRepository(primaryOf(pool), options)
  }

  override get(traceId: string, options?: { spans?: true | undefined }): Promise<Trace | undefined>
  override get(traceId: string, options: GetTraceOptions): Promise<TraceAlone | undefined>
  override async get(traceId: string, options: GetTraceOptions = {}): Promise<Trace | TraceAlone | undefined> {
    const { projectId } = this
    const scope = traceScope(projectId, safeText(traceId))
    const part = options.spans === false ? 'alone' : 'whole'
    return this.#cache.read<Trace | TraceAlone | undefined>({
      scopes: [allTracesScope(projectId), scope],
      name: `${scope}:${part}`,
      load: () => this.#source.get(traceId, options),
    })
  }

  override list(options: TraceFilter & PageOptions = {}): Promise<Page<TraceSummary>> {
    const isFirst = options.after === undefined && (options.offset ?? 0) === 0
    if (!isFirst) return super.list(options)
    return this.#ofProject('list', options, () => this.#source.list(options))
  }

  override runsOf(parentRunId: string, options: PageOptions = {}): Promise<Page<TraceSummary>> {
    // Both are the same question, but only this method takes what is no filter.
    return this.list({ ...options, parentRunId })
  }

  override count(filter: TraceFilter = {}): Promise<number> {
    return this.#ofProject('count', filter, () => this.#source.count(filter))
  }

  #ofProject<T>(method: string, options: object, load: () => Promise<T>): Promise<T> {
    const name = questionName(this.projectId, `traces.${method}`, options)
    if (name === undefined) return load()
    return this.#cache.read({ scopes: [projectScope(this.projectId)], name, load })
  }
}
