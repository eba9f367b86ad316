import { and, count, eq } from 'drizzle-orm'
import { errorSeverity } from '../../schema/logs.ts'
import { microsFromIso } from '../../schema/time.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import type { BucketUnit } from '../engines/dialect.ts'
import type { Pool, ReadOptions } from '../engines/pool.ts'
import { safeText } from '../text/safe-json.ts'
import { bucketSeconds } from './analytics/buckets.ts'
import { type Group, type GroupOptions, measureGroups } from './analytics/groups.ts'
import type { LogFilter, LogOrder } from './entities/logs.ts'
import { EntityList } from './entity-list.ts'
import { compileFilter } from './filters/compile.ts'
import { checkedInstant } from './filters/values.ts'
import { type LogLevel, logLevels } from './log-levels.ts'
import { type Log, type LogSummary, logColumns, logSummaryColumns, withBody } from './log-rows.ts'
import { type LogDimension, type LogStatistics, logStatistics } from './log-statistics.ts'
import { type Page, type PageOptions, type StreamOptions, splitPageOptions, splitStreamOptions } from './page.ts'
import { splitReadOptions } from './read-options.ts'
import type { ReadScope } from './read-scope.ts'
import { Repository, type RepositoryOptions } from './repository.ts'
import { compileRows } from './row-reader.ts'
import { type TailOptions, tail } from './tail.ts'

/** Statistics of logs with their rate. */
export interface LogRate {
  /** Records per second of the bucket, else of the time asked for, else between the first and the last. */
  readonly perSecond: number
}

/** Reads log records of one project. */
export class LogRepository extends Repository {
  readonly #list: EntityList<'logs', ReturnType<typeof logSummaryColumns>>
  readonly #records: EntityList<'logs', ReturnType<typeof logColumns>>

  constructor(pool: Pool, options?: RepositoryOptions) {
    super(pool, options)
    const within = (limits: ReadOptions) => this.within(limits)
    this.#list = new EntityList(within, { entity: 'logs', columns: logSummaryColumns(pool.tables) })
    this.#records = new EntityList(within, { entity: 'logs', columns: logColumns(pool.tables) })
  }

  /** A log record with all that it has, or undefined when there is none. */
  async get(logId: string, options?: ReadOptions): Promise<Log | undefined> {
    const { db, tables } = this.pool
    const columns = logColumns(tables)
    const isIt = and(eq(tables.logs.projectId, this.projectId), eq(tables.logs.logId, safeText(logId)))
    const read = ({ pool }: ReadScope) => compileRows(pool, db.select(columns).from(tables.logs).where(isIt), columns)()
    const [row] = await this.run('get a log record', read, options)
    return row && withBody(row)
  }

  /**
   * Log records without resource and scope, newest first by default.
   *
   * @throws ValidationError for an invalid limit, order, cursor or filter
   */
  async list(options: LogFilter & PageOptions<LogOrder> = {}): Promise<Page<LogSummary>> {
    const { items, cursor } = await this.#list.page(...splitPageOptions<LogFilter, LogOrder>(options))
    return { items: items.map(withBody), cursor }
  }

  /**
   * Log records whose body has these words, newest first: `refund "card declined" -test`. Answered by an index.
   *
   * @throws ValidationError when the search has no word to look for
   */
  search(text: string, options: LogFilter & PageOptions<LogOrder> = {}): Promise<Page<LogSummary>> {
    return this.list({ ...options, search: text })
  }

  /** The log of a trace, in order of time. */
  byTrace(traceId: string, options: LogFilter & PageOptions<LogOrder> = {}): Promise<Page<LogSummary>> {
    return this.list({ ...options, direction: options.direction ?? 'asc', traceId })
  }

  /** Log records of severity 17 and more, newest first. */
  errors(options: LogFilter & PageOptions<LogOrder> = {}): Promise<Page<LogSummary>> {
    return this.list({ ...options, minSeverity: options.minSeverity ?? errorSeverity })
  }

  /** How many log records match. */
  count(filter: LogFilter & ReadOptions = {}): Promise<number> {
    return this.#list.count(filter)
  }

  /** All log records that match, whole, in the memory of one batch. */
  async *stream(options: LogFilter & StreamOptions<LogOrder> = {}): AsyncGenerator<Log, void, undefined> {
    for await (const row of this.#records.stream(...splitStreamOptions<LogFilter, LogOrder>(options)))
      yield withBody(row)
  }

  /**
   * The last log records in the order of time, then new ones as they are stored, each once, until the signal ends it.
   *
   * @example
   * for await (const { time, body } of store.logs.tail({ minSeverity: 'error', signal })) console.log(time, body)
   */
  async *tail({
    lines,
    pollMs,
    signal,
    once,
    ...filter
  }: LogFilter & TailOptions = {}): AsyncGenerator<LogSummary, void, undefined> {
    try {
      // Not a replica, which may be behind the cursor that new ones are followed from.
      const stored = new LogRepository(this.pool.primary, { projectId: this.projectId })
      const list = (limit: number) => stored.list({ ...filter, limit })
      yield* tail(this.scope, 'logs', { filter, list, identity: ({ logId }) => logId }, { lines, pollMs, signal, once })
    } catch (error) {
      throw storageError(error, 'tail logs')
    }
  }

  /** How many log records of each level match, zeros included; `none` are those without a severity. */
  async countByLevel(options: LogFilter & ReadOptions = {}): Promise<Record<LogLevel | 'none', number>> {
    const [filter, limits] = splitReadOptions<LogFilter>(options)
    const { logs } = this.pool.tables
    const names = Object.keys(logLevels) as LogLevel[]
    const read = ({ pool: { db } }: ReadScope) =>
      db
        .select({ severity: logs.severity, logs: count() })
        .from(logs)
        .where(compileFilter(this.scope, 'logs', filter).where)
        .groupBy(logs.severity)
    const rows = await this.run('count log levels', read, limits)
    const counts = Object.fromEntries([...names, 'none'].map((name) => [name, 0])) as Record<LogLevel | 'none', number>
    for (const { severity, logs } of rows) {
      counts[names.findLast((name) => severity !== null && severity >= logLevels[name]) ?? 'none'] += logs
    }
    return counts
  }

  /** Counts, errors and rates of log records, by any names and by time. */
  async statistics<D extends LogDimension = never, B extends BucketUnit | undefined = undefined>({
    by,
    bucket,
    fill,
    signal,
    statementTimeoutMs,
    ...filter
  }: LogFilter & Omit<GroupOptions<D, B>, 'compare'> = {}): Promise<Group<LogStatistics & LogRate, D, B>[]> {
    const groups = await measureGroups(
      this.within({ signal, statementTimeoutMs }),
      logStatistics,
      { by, bucket, fill },
      filter,
    )
    return (groups as (LogStatistics & { bucket?: string })[]).map((group) => {
      const seconds = bucket && group.bucket ? bucketSeconds(bucket, group.bucket) : secondsOf(filter, group)
      return { ...group, perSecond: seconds > 0 ? group.logs / seconds : 0 }
    }) as unknown as Group<LogStatistics & LogRate, D, B>[]
  }
}

function secondsOf({ since, until }: LogFilter, { firstTime, lastTime }: LogStatistics): number {
  const from = since === undefined ? firstTime : checkedInstant(since, 'since')
  const to = until === undefined ? lastTime : checkedInstant(until, 'until')
  return from === null || to === null ? 0 : (microsFromIso(to) - microsFromIso(from)) / 1_000_000
}
