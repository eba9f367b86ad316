import type { Tables } from '../schema/tables.ts'
import { MigrationError } from './errors.ts'
import { type MigrationReport, Migrator } from './migrations/migrator.ts'
import { openPool, type PoolOptions } from './pool/open-pool.ts'
import type { Health, Pool, PoolStats, ReadDatabase } from './pool/pool.ts'
import { Analytics } from './repositories/analytics.ts'
import { type FollowBatch, type Followed, type FollowOptions, follow } from './repositories/follow.ts'
import { LogRepository } from './repositories/log-repository.ts'
import { MetricRepository } from './repositories/metric-repository.ts'
import { ResultRepository } from './repositories/result-repository.ts'
import { SessionRepository } from './repositories/session-repository.ts'
import { SpanRepository } from './repositories/span-repository.ts'
import { TraceRepository } from './repositories/trace-repository.ts'
import type { WriterOptions } from './writers/options.ts'
import { RunWriter } from './writers/run-writer.ts'
import {
  EventWriter,
  LogWriter,
  MetricPointWriter,
  MetricWriter,
  ResultWriter,
  SpanWriter,
  TraceWriter,
} from './writers/writers.ts'

/** The file that is used when nothing names a database. */
export const defaultUrl = 'sqlite:.tracehold/traces.db'

/** How a store is opened. */
export interface StoreOptions extends Partial<Omit<PoolOptions, 'url'>> {
  /**
   * Bring the tables up to this version's schema first. Without it a schema that is behind is an error.
   * @default false
   */
  migrate?: boolean | undefined
  /** The tenant that the store reads and writes. @default 'default' */
  projectId?: string | undefined
  /** How the writers batch. */
  writers?: WriterOptions | undefined
}

/**
 * Opens a store.
 *
 * @param url `sqlite:PATH` or `postgres://…`. @default TRACEHOLD_URL, else DATABASE_URL, else `.tracehold/traces.db`
 * @throws ConfigError for a URL or an option that cannot be used; ConnectionError when the database cannot be reached;
 *   MigrationError when its schema does not fit
 *
 * @example
 * const store = await openStore('sqlite:traces.db', { migrate: true })
 * await store.writers.spans.write({ traceId: 't1', spanId: 's1', name: 'chat', kind: 'llm', startTime: new Date() })
 * const { items } = await store.traces.list({ limit: 10 })
 * await store.close()
 */
export async function openStore(url?: string, options: StoreOptions = {}): Promise<Store> {
  const target = url ?? (process.env.TRACEHOLD_URL || process.env.DATABASE_URL || defaultUrl)
  const pool = await openPool({ ...options, url: target })
  try {
    await prepareSchema(pool, options.migrate ?? false)
  } catch (error) {
    await pool.close()
    throw error
  }
  return new Store(pool, options)
}

async function prepareSchema(pool: Pool, migrate: boolean): Promise<void> {
  const migrator = new Migrator(pool)
  const { current, latest } = await migrator.status()
  if (current === latest) return
  if (migrate) await migrator.migrate()
  else {
    throw new MigrationError(
      `The schema of ${pool.location} is at version ${current} and this package needs ${latest}. ` +
        'Run `tracehold migrate`, or open the store with { migrate: true }.',
    )
  }
}

/** The writers of one project. */
export interface Writers {
  readonly traces: TraceWriter
  readonly spans: SpanWriter
  readonly events: EventWriter
  readonly results: ResultWriter
  /** What metrics mean. */
  readonly metrics: MetricWriter
  readonly metricPoints: MetricPointWriter
  readonly logs: LogWriter
  /** Runs that are saved whole, as documents hold them. */
  readonly runs: RunWriter
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
  readonly #options: StoreOptions
  readonly #views: Map<string, Store>

  /** Use `openStore`. */
  constructor(pool: Pool, options: StoreOptions = {}, views = new Map<string, Store>()) {
    const { projectId = 'default' } = options
    this.pool = pool
    this.projectId = projectId
    this.#options = options
    this.#views = views
    views.set(projectId, this)
    this.traces = new TraceRepository(pool, { projectId })
    this.spans = new SpanRepository(pool, { projectId })
    this.sessions = new SessionRepository(pool, { projectId })
    this.analytics = new Analytics(pool, { projectId })
    this.results = new ResultRepository(pool, { projectId })
    this.logs = new LogRepository(pool, { projectId })
    this.metrics = new MetricRepository(pool, { projectId })
    const writerOptions = { ...options.writers, projectId }
    this.writers = {
      traces: new TraceWriter(pool, writerOptions),
      spans: new SpanWriter(pool, writerOptions),
      events: new EventWriter(pool, writerOptions),
      results: new ResultWriter(pool, writerOptions),
      metrics: new MetricWriter(pool, writerOptions),
      metricPoints: new MetricPointWriter(pool, writerOptions),
      logs: new LogWriter(pool, writerOptions),
      runs: new RunWriter(pool, writerOptions),
    }
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

  /** The same database seen as another tenant: same pool, own repositories and writers. */
  forProject(projectId: string): Store {
    return this.#views.get(projectId) ?? new Store(this.pool, { ...this.#options, projectId }, this.#views)
  }

  /** Brings the tables up to this version's schema. */
  migrate(): Promise<MigrationReport> {
    return new Migrator(this.pool).migrate()
  }

  /** Asks the database whether it answers. Never throws. */
  health(): Promise<Health> {
    return this.pool.health()
  }

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
    await this.pool.close(deadlineMs)
    for (const result of closed) if (result.status === 'rejected') throw result.reason
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
