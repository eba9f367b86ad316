import type { Tables } from '../../schema/tables.ts'
import { Deadline, type FlushOptions, settlesWithin } from '../engines/deadline.ts'
import type { HealthCheck } from '../engines/health.ts'
import type { PoolOptions } from '../engines/open-pool.ts'
import type { Health, Pool, PoolStats, ReadDatabase } from '../engines/pool.ts'
import { type ArchiveOptions, type ArchiveReport, archive } from '../lifecycle/archive.ts'
import { type DeletableEntity, type DeleteOptions, deleteMatching } from '../lifecycle/delete-matching.ts'
import { type EraseOptions, type EraseReport, erase } from '../lifecycle/erase.ts'
import type { EraseTarget } from '../lifecycle/person.ts'
import { type PruneOptions, type PruneReport, prune } from '../lifecycle/prune.ts'
import type { RetentionPolicy } from '../lifecycle/retention-policy.ts'
import {
  type Subscribed,
  type SubscribeOptions,
  subscribe,
  subscriptionCursor,
  type WrittenBatch,
} from '../live/subscribe.ts'
import { type MigrationReport, Migrator } from '../migrations/migrator.ts'
import type { Analytics } from '../repositories/analytics/analytics.ts'
import type { FilterOf } from '../repositories/entities/entities.ts'
import { type FollowBatch, type Followed, type FollowOptions, follow } from '../repositories/follow.ts'
import type { LogRepository } from '../repositories/log-repository.ts'
import type { MetricRepository } from '../repositories/metric-repository.ts'
import type { ResultRepository } from '../repositories/result-repository.ts'
import type { SessionRepository } from '../repositories/session-repository.ts'
import type { SpanRepository } from '../repositories/span-repository.ts'
import type { TraceRepository } from '../repositories/trace-repository.ts'
import { projectsOf } from '../row-pages/projects.ts'
import { checkedProjectName } from '../rows/project-name.ts'
import { createWriters, type WriterSet, type Writers } from '../writers/create-writers.ts'
import { allOf } from '../writers/losses.ts'
import type { WriterOptions } from '../writers/options.ts'
import type { CloseOnSignals } from './close-on-signals.ts'
import { type DatabaseSize, databaseSize, type SizeOptions } from './database-size.ts'
import { checksOf, type HealthReport, type HealthReportOptions, reportHealth } from './health-report.ts'
import { type RebuildOptions, type RebuildReport, rebuildTraces } from './rebuild-traces.ts'
import { createRepositories, type Repositories } from './repositories.ts'
import { type ServiceOptions, StoreServices } from './store-services.ts'
import { Views } from './views.ts'

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
  /**
   * Close the store when the process gets SIGTERM or SIGINT, so that rows that wait are stored before it ends.
   * @default false: signals are the program's
   */
  closeOnSignals?: boolean | CloseOnSignals | undefined
  /** What health reports ask beside the store's own parts. */
  healthChecks?: readonly HealthCheck[] | undefined
}

const defaultCloseMs = 30_000
/** What running reads have when a store closes, and what is left for connections after the writers gave up. */
const readsMs = 5_000
const farewellMs = 200

/** Repositories and writers of one project on one pool. */
export class Store {
  readonly pool: Pool
  readonly projectId: string
  /** What the options ask for beside the database: cache, Redis, notices of writes. */
  readonly services: StoreServices
  readonly #options: StoreOptions
  readonly #repositories: Repositories
  readonly #writers: WriterSet
  readonly #views: Views<Store>

  /** Use `openStore`. */
  constructor(
    pool: Pool,
    options: StoreOptions = {},
    views = new Views<Store>(),
    services = new StoreServices(pool, options),
  ) {
    const { projectId = 'default' } = options
    this.services = services
    this.pool = pool
    this.projectId = projectId
    this.#options = options
    this.#views = views
    views.add(projectId, this)
    this.#repositories = createRepositories(pool, projectId, services)
    this.#writers = createWriters(pool, { ...options.writers, projectId, owner: this })
    if (views.closing) void this.#writers.close()
  }

  /** Reads traces. */
  get traces(): TraceRepository {
    return this.#repositories.traces
  }

  /** Reads spans. */
  get spans(): SpanRepository {
    return this.#repositories.spans
  }

  /** Reads sessions: the traces of a conversation, summed. */
  get sessions(): SessionRepository {
    return this.#repositories.sessions
  }

  /** Sums and percentiles over spans and traces. */
  get analytics(): Analytics {
    return this.#repositories.analytics
  }

  /** Reads results of tests and evaluations. */
  get results(): ResultRepository {
    return this.#repositories.results
  }

  /** Reads metrics and their points. */
  get metrics(): MetricRepository {
    return this.#repositories.metrics
  }

  /** Reads log records. */
  get logs(): LogRepository {
    return this.#repositories.logs
  }

  /** Batched writes. */
  get writers(): Writers {
    return this.#writers.writers
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
   * @throws ValidationError for what is no name of a project: 1 to 256 characters, without NUL and lone surrogates
   */
  forProject(projectId: string): Store {
    // A tenant that is missing, such as a header that nobody sent, must not be taken for the default one.
    checkedProjectName(projectId)
    return (
      this.#views.get(projectId) ?? new Store(this.pool, { ...this.#options, projectId }, this.#views, this.services)
    )
  }

  /** The projects that have rows, in the order of their bytes, as far as the role may see them. */
  projects(): AsyncGenerator<string, void, undefined> {
    return projectsOf(this.pool.primary)
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

  /**
   * Deletes what is older than a policy says: whole traces with all that belongs to them, and logs, results and metric
   * points by their own age. It works in batches, while others read and write; one process at a time does it.
   *
   * @throws ValidationError for a policy that cannot be used; BusyError while another process prunes the project
   *
   * @example
   * const { deleted } = await store.prune({ olderThan: '30d', errors: '90d' })
   */
  prune(policy: RetentionPolicy, options?: PruneOptions): Promise<PruneReport> {
    return prune({ pool: this.pool, projectId: this.projectId }, policy, options)
  }

  /**
   * Moves what is older than a policy says into compressed files, which `import` reads again: each is read again and
   * compared before anything of it is deleted. Nothing that is written meanwhile is lost.
   *
   * @throws ValidationError for a policy that cannot be used; BusyError while another process prunes or archives the project
   *
   * @example
   * const { parts } = await store.archive({ olderThan: '30d' }, { to: 'archive' })
   */
  archive(policy: RetentionPolicy, options: ArchiveOptions): Promise<ArchiveReport> {
    return archive({ pool: this.pool, projectId: this.projectId }, policy, options)
  }

  /**
   * Erases everything of a user, of a session or of some traces, in every table of the project. Rows that were accepted
   * before and arrive later are not stored.
   *
   * @throws ValidationError for a target that would be everything; BusyError while another process erases in the project
   *
   * @example
   * const report = await store.erase({ userId: 'u-4711' })
   */
  erase(target: EraseTarget, options?: EraseOptions): Promise<EraseReport> {
    return erase({ pool: this.pool, projectId: this.projectId }, target, options)
  }

  /**
   * Forgets what was erased more than some days ago, when no row of it can be on its way any more.
   *
   * @param days @default 30
   */
  forgetErasures(days = 30): Promise<void> {
    return this.pool.tombstones.purge(this.projectId, (Date.now() - days * 86_400_000) * 1000)
  }

  /**
   * Deletes the rows of a table that a filter finds, a batch at a time; traces with all that belongs to them.
   *
   * @returns how many rows of the table there were
   * @throws ValidationError for a filter that cannot be used, or that has no condition
   *
   * @example
   * await store.delete('logs', { serviceName: 'noisy', until: '2026-11-01T00:00:00Z' })
   */
  delete<E extends DeletableEntity>(table: E, filter: FilterOf[E], options?: DeleteOptions): Promise<number> {
    return deleteMatching({ pool: this.pool, projectId: this.projectId }, table, filter, options)
  }

  /**
   * Gives rows that a dump brought from another server numbers of this one, in all projects, while others read and write.
   * Until then `follow`, `subscribe` and `sync` refuse.
   *
   * @returns how many rows got another number; 0 where numbers stay right in a copy, as on SQLite and ClickHouse
   */
  async restamp(onProgress?: (rows: number) => void): Promise<number> {
    return (await this.pool.commitOrder.restamp?.(onProgress)) ?? 0
  }

  /**
   * What takes the room on the disk: tables and indexes of all projects, and the traces, models and agents of this one
   * whose spans take most. On SQLite it looks at every page of the file, on a thread of its own.
   *
   * @throws ValidationError for an invalid filter or option
   *
   * @example
   * const { parts, largest } = await store.size({ since: '2026-11-01T00:00:00Z', largest: 20 })
   */
  size(options?: SizeOptions): Promise<DatabaseSize> {
    return databaseSize(this.pool, this.projectId, options)
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
    const needed = this.#checks().filter(({ required }) => required)
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
    const { statusCode, body } = await reportHealth(this.#checks(), options)
    return { statusCode, body: { ...body, pool: this.stats() } }
  }

  /** Connections of the pool, now. */
  stats(): PoolStats {
    return this.pool.stats()
  }

  /**
   * Stores everything that this project's writers accepted.
   *
   * @throws StorageError when rows that were acknowledged as queued were lost since the last flush: the failure, or a
   *   LossError with all of them; TimeoutError when the deadline passed, and rows wait still
   */
  flush(options?: FlushOptions): Promise<void> {
    return this.#writers.flush(options)
  }

  /**
   * Stores what the writers of all projects hold, then disconnects. Safe to call twice.
   *
   * @param deadlineMs how long all of it may take, in milliseconds. Rows that are left then are given up: they count as
   *   dropped. Running reads have 5 seconds of it at most. @default 30000
   * @throws StorageError when rows that were acknowledged as queued were lost since the last flush, or now
   */
  close(deadlineMs = defaultCloseMs): Promise<void> {
    this.#views.closing ??= this.#close(new Deadline(deadlineMs))
    return this.#views.closing
  }

  async #close(deadline: Deadline): Promise<void> {
    this.#views.onClose?.()
    const views = this.#views.all()
    // A little is left for the connections, so that the whole keeps the deadline.
    const writersMs = Math.max(0, deadline.leftMs - Math.min(farewellMs, deadline.leftMs / 10))
    const closed = allOf(views.map((view) => view.#writers.close({ deadlineMs: writersMs })))
    await closed.catch(() => {})
    await settlesWithin(this.services.close(), deadline.leftMs)
    await this.pool.close(Math.min(deadline.leftMs, readsMs))
    await closed
  }

  #checks(): HealthCheck[] {
    return checksOf(this.pool, this.services, this.#options.healthChecks)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
