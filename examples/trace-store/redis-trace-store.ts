import type { Redis } from 'ioredis'
import {
  type AgentTrace,
  checkedFilter,
  fits,
  fromLine,
  newestFirst,
  type SavedTrace,
  summaryOf,
  type TraceFilter,
  type TraceStore,
  type TraceSummary,
  toSaved,
  traceNotFound,
} from 'tracehold/trace-store'

/**
 * A trace store on Redis: a backend of one's own, as the protocol allows. Lines are kept in a hash by run, and the times
 * of saving in a sorted set, which gives the order. `toSaved` and `fromLine` keep documents exact; a filter looks at
 * all traces, which is good enough for the thousands that fit into a cache.
 *
 * It is proved with the conformance suite: see test/examples/redis-trace-store.test.ts.
 */
export class RedisTraceStore implements TraceStore {
  readonly #redis: Redis
  readonly #lines: string
  readonly #times: string

  /** @param prefix how the names of the two keys begin */
  constructor(redis: Redis, prefix = 'traces') {
    this.#redis = redis
    this.#lines = `${prefix}:lines`
    this.#times = `${prefix}:times`
  }

  async save(trace: AgentTrace): Promise<string> {
    const { runId, savedMicros, line } = toSaved(trace)
    await this.#redis.multi().hset(this.#lines, runId, line).zadd(this.#times, savedMicros, runId).exec()
    return runId
  }

  async load(runId: string): Promise<AgentTrace> {
    const line = await this.#redis.hget(this.#lines, runId)
    if (line === null) throw traceNotFound(runId)
    return fromLine(line).trace
  }

  async list(limit = 50, offset = 0): Promise<TraceSummary[]> {
    if (limit === 0) return []
    const ids = await this.#redis.zrevrange(this.#times, offset, offset + limit - 1)
    return (await this.#read(ids)).map(summary)
  }

  async query(filter: TraceFilter): Promise<TraceSummary[]> {
    const checked = checkedFilter(filter)
    const all = await this.#read(await this.#redis.zrevrange(this.#times, 0, -1))
    return all
      .filter(({ saved, trace }) => fits(checked, { ...saved, metadata: trace.metadata }))
      .sort((a, b) => newestFirst(a.saved, b.saved))
      .map(summary)
  }

  async delete(runId: string): Promise<boolean> {
    const results = await this.#redis.multi().hdel(this.#lines, runId).zrem(this.#times, runId).exec()
    return results?.[0]?.[1] === 1
  }

  async #read(ids: string[]): Promise<Loaded[]> {
    if (ids.length === 0) return []
    const lines = await this.#redis.hmget(this.#lines, ...ids)
    return lines.filter((line) => line !== null).map(fromLine)
  }
}

type Loaded = { saved: SavedTrace; trace: AgentTrace }

const summary = ({ saved, trace }: Loaded): TraceSummary => summaryOf(saved, trace.metadata)
