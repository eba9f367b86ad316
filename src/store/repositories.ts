import { CachedAnalytics } from '../cache/cached-analytics.ts'
import { CachedTraceRepository } from '../cache/cached-traces.ts'
import type { Pool } from '../engines/pool.ts'
import { lazyProperties } from '../lazy-properties.ts'
import { Analytics } from '../repositories/analytics/analytics.ts'
import { LogRepository } from '../repositories/log-repository.ts'
import { MetricRepository } from '../repositories/metric-repository.ts'
import { ResultRepository } from '../repositories/result-repository.ts'
import { SessionRepository } from '../repositories/session-repository.ts'
import { SpanRepository } from '../repositories/span-repository.ts'
import { TraceRepository } from '../repositories/trace-repository.ts'
import type { StoreServices } from './store-services.ts'

/** What reads of one project. Each is made when it is first used. */
export interface Repositories {
  readonly traces: TraceRepository
  readonly spans: SpanRepository
  readonly sessions: SessionRepository
  readonly analytics: Analytics
  readonly results: ResultRepository
  readonly metrics: MetricRepository
  readonly logs: LogRepository
}

/** The repositories of a project; traces and analytics go through the cache where there is one. */
export function createRepositories(pool: Pool, projectId: string, { cache }: StoreServices): Repositories {
  const scope = { projectId }
  return lazyProperties<Repositories>({
    traces: () => (cache ? new CachedTraceRepository(pool, cache, scope) : new TraceRepository(pool, scope)),
    spans: () => new SpanRepository(pool, scope),
    sessions: () => new SessionRepository(pool, scope),
    analytics: () => (cache ? new CachedAnalytics(pool, cache, scope) : new Analytics(pool, scope)),
    results: () => new ResultRepository(pool, scope),
    metrics: () => new MetricRepository(pool, scope),
    logs: () => new LogRepository(pool, scope),
  }).all
}
