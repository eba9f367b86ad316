import type { Tables } from '../../schema/tables.ts'
import { CachedAnalytics } from '../cache/cached-analytics.ts'
import { CachedTraceRepository } from '../cache/cached-traces.ts'
import type { HealthCheck } from '../engines/health.ts'
import type { PoolOptions } from '../engines/open-pool.ts'
import type { Health, Pool, PoolStats, ReadDatabase } from '../engines/pool.ts'
import { ValidationError } from '../errors.ts'
import {
  type Subscribed,
  type SubscribeOptions,
  subscribe,
  subscriptionCursor,
  type WrittenBatch,
} from '../live/subscribe.ts'
import { type MigrationReport, Migrator } from '../migrations/migrator.ts'
import { Analytics } from '../repositories/analytics/analytics.ts'
import { type FollowBatch, type Followed, type FollowOptions, follow } from '../repositories/follow.ts'
import { LogRepository } from '../repositories/log-repository.ts'
import { MetricRepository } from '../repositories/metric-repository.ts'
import { ResultRepository } from '../repositories/result-repository.ts'
import { SessionRepository } from '../repositories/session-repository.ts'
import { SpanRepository } from '../repositories/span-repository.ts'
import { TraceRepository } from '../repositories/trace-repository.ts'
import { acceptedProjectName, isProjectName } from '../rows/project-name.ts'
import { createWriters, type Writers } from '../writers/create-writers.ts'
import type { WriterOptions } from '../writers/options.ts'
import { checksOf, type HealthReport, type HealthReportOptions, reportHealth } from './health-report.ts'
import { type RebuildOptions, type RebuildReport, rebuildTraces } from './rebuild-traces.ts'
import { type ServiceOptions, StoreServices } from './store-services.ts'

/** How a store is opened. */
export interface StoreOptions extends Partial<Omit<PoolOptions, 'url'>>, ServiceOptions {
  /**
   * Bring the tables up to this version's schema first. Without it a schema that is behind is an error.
   * @default false
   */
  migrate?: boolean | undefined
  /** The tenant that the store reads and writes. @default 'default' */
  projectId?: string | undefined
  /** How the writers batch. */
  writers?: WriterOptions | undefined
  /** What health reports ask beside the store's own parts. */
  healthChecks?: readonly HealthCheck[] | undefined
}

/** Repositories and writers of one project on one pool. */
export class Store {
  readonly pool: Pool
  readonly projectId: string
  /** Reads traces. */
  readonly traces: TraceRepository
  /** Reads spans. */
  readonly spans: SpanRepository
  /** Reads sessions: the traces of a conversation, summed. */
  readonly sessions: SessionRepository
  /** Sums and percentiles over spans and traces. */
  readonly analytics: Analytics
  /** Reads results of tests and evaluations. */
  readonly results: ResultRepository
  /** Reads metrics and their points. */
  readonly metrics: MetricRepository
  /** Reads log records. */
  readonly logs: LogRepository
  /** Batched writes. */
  readonly writers: Writers
  /** What the options ask for beside the database: cache, Redis, notices of writes. */
  readonly services: StoreServices
  readonly #options: StoreOptions
  readonly #checks: readonly HealthCheck[]
  readonly #views: Map<string, Store>

  /** Use `openStore`. */
  constructor(
    pool: Pool,
    options: StoreOptions = {},
    views = new Map<string, Store>(),
    services = new StoreServices(pool, options),
  ) {
    const { projectId = 'default' } = options
    const { cache } = services
    this.services = services
    this.pool = pool
    this.projectId = projectId
    this.#options = options
    this.#checks = checksOf(pool, services, options.healthChecks)
    this.#views = views
    views.set(projectId, this)
    this.traces = cache
      ? new CachedTraceRepository(pool, cache, { projectId })
      : new TraceRepository(pool, { projectId })
    this.spans = new SpanRepository(pool, { projectId })
    this.sessions = new SessionRepository(pool, { projectId })
    this.analytics = cache ? new CachedAnalytics(pool, cache, { projectId }) : new Analytics(pool, { projectId })
    this.results = new ResultRepository(pool, { projectId })
    this.logs = new LogRepository(pool, { projectId })
    this.metrics = new MetricRepository(pool, { projectId })
    this.writers = createWriters(pool, { ...options.writers, projectId })
  }

  /** The database of typed queries, on the store's own pool. A query sees all projects: filter by `projectId`. */
  get db(): ReadDatabase {
    return this.pool.db
  }

  /** The tables for typed queries on `db`. */
  get tables(): Tables {
    return this.pool.tables
  }

  /**
   * Rows of a table as they are stored, in batches: the old ones first, then new ones as they come, until the signal
   * ends it. Every stored row comes at least once, and again when it is stored again.
   *
   * @example
   * for await (const { items, cursor } of store.follow('spans', { after: saved, signal })) {
   *   await copy(items)
   *   saved = cursor
   * }
   */
  follow<E extends keyof Followed>(
    table: E,
    options?: FollowOptions<E>,
  ): AsyncGenerator<FollowBatch<Followed[E]>, void, undefined> {
    return follow({ pool: this.pool, projectId: this.projectId }, table, options)
  }

  /**
   * Records of tables as they are stored, by this process or another, from now on unless a cursor is given, until the
   * signal ends it. It is `follow`, woken by notices of writes. It loses nothing: the cursor of a batch continues after it.
   *
   * @throws ValidationError for an invalid table, cursor, filter or option
   *
   * @example
   * for await (const { entity, items, cursor } of store.subscribe(['spans', 'logs'], { after: saved, signal })) {
   *   show(entity, items)
   *   saved = cursor
   * }
   */
  subscribe<E extends Subscribed>(
    tables: E | readonly E[],
    options?: SubscribeOptions<E>,
  ): AsyncGenerator<WrittenBatch<E>, void, undefined> {
    return subscribe({ pool: this.pool, projectId: this.projectId }, this.services.changes, tables, options)
  }

  /**
   * The cursor after everything that is stored by now: a subscription to these tables that goes on after it misses
   * nothing that comes, whenever it begins.
   */
  cursorOfNow<E extends Subscribed>(tables: E | readonly E[]): Promise<string> {
    return subscriptionCursor({ pool: this.pool, projectId: this.projectId }, tables)
  }

  /**
   * The same database seen as another tenant: same pool, own repositories and writers.
   *
   * @throws ValidationError for what is no name of a project: 1 to 256 characters
   */
  forProject(projectId: string): Store {
    // A tenant that is missing, such as a header that nobody sent, must not be taken for the default one.
    if (!isProjectName(projectId)) {
      throw new ValidationError('Invalid project', [{ field: 'projectId', message: `must be ${acceptedProjectName}` }])
    }
    return (
      this.#views.get(projectId) ?? new Store(this.pool, { ...this.#options, projectId }, this.#views, this.services)
    )
  }

  /** Brings the tables up to this version's schema. */
  migrate(): Promise<MigrationReport> {
    return new Migrator(this.pool).migrate()
  }

  /**
   * Counts every trace of the project anew from its spans, and puts right what somebody changed by SQL of their own. It
   * says what differed: nothing, while only writers write.
   */
  rebuildTraces(options?: RebuildOptions): Promise<RebuildReport> {
    return rebuildTraces(this.pool, this.projectId, options)
  }

  /** Asks the database whether it answers. Never throws. */
  health(): Promise<Health> {
    return this.pool.health()
  }

  /**
   * Whether the process should be left running, for a liveness probe. A lost database is no reason to restart it, so
   * nothing is asked.
   */
  liveness(): HealthReport {
    return { statusCode: 200, body: { status: 'ok', checks: [] } }
  }

  /** Whether the store can do its work, for a readiness probe: asks only what it cannot do without. Never throws. */
  readiness(options?: HealthReportOptions): Promise<HealthReport> {
    const needed = this.#checks.filter(({ required }) => required)
    return reportHealth(needed, options)
  }

  /**
   * Everything that the store works with, for a service's `/health`. What it can do without (a replica, Redis) makes it
   * `degraded` when it is lost, and the status code stays 200. Never throws.
   *
   * @example
   * app.get('/health', async (_request, response) => {
   *   const { statusCode, body } = await store.healthReport()
   *   response.status(statusCode).json(body)
   * })
   */
  async healthReport(options?: HealthReportOptions): Promise<HealthReport> {
    const { statusCode, body } = await reportHealth(this.#checks, options)
    return { statusCode, body: { ...body, pool: this.stats() } }
  }

  /** Connections of the pool, now. */
  stats(): PoolStats {
    return this.pool.stats()
  }

  /** Stores everything that this project's writers accepted. */
  async flush(): Promise<void> {
    await Promise.all(Object.values(this.writers).map((writer) => writer.flush()))
  }

  /**
   * Stores what the writers of all projects hold, then disconnects. Safe to call twice.
   *
   * @param deadlineMs how long running calls may take to end, in milliseconds. @default 5000
   */
  async close(deadlineMs?: number): Promise<void> {
    const writers = [...this.#views.values()].flatMap((view) => Object.values(view.writers))
    const closed = await Promise.allSettled(writers.map((writer) => writer.close()))
    await this.services.close()
    await this.pool.close(deadlineMs)
    for (const result of closed) if (result.status === 'rejected') throw result.reason
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
