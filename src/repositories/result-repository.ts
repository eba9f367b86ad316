import { and, asc, desc, eq, gt, inArray, sql } from 'drizzle-orm'
import type { BucketUnit } from '../engines/dialect.ts'
import type { Pool, ReadOptions } from '../engines/pool.ts'
import { safeText } from '../text/safe-json.ts'
import { type Group, type GroupOptions, measureGroups, splitGroupOptions } from './analytics/groups.ts'
import { countIf } from './analytics/measures.ts'
import { failingStatuses, type ResultFilter, type ResultOrder } from './entities/results.ts'
import { EntityList } from './entity-list.ts'
import { compileFilter } from './filters/compile.ts'
import {
  checkedLimit,
  type Page,
  type PageOptions,
  type StreamOptions,
  splitPageOptions,
  splitStreamOptions,
} from './page.ts'
import type { ReadScope } from './read-scope.ts'
import { Repository, type RepositoryOptions } from './repository.ts'
import { compareRuns, type RunComparison } from './result-comparison.ts'
import { type Result, type ResultSummary, resultColumns, resultSummaryColumns } from './result-rows.ts'
import { type ResultDimension, type ResultStatistics, resultStatistics } from './result-statistics.ts'
import { compileRows } from './row-reader.ts'

/** A test that passed and failed. */
export interface FlakyTest {
  readonly name: string
  readonly passed: number
  readonly failed: number
  /** How often the verdict was another one than before. */
  readonly flips: number
  /** flips / (passed + failed - 1): 1 where it changes every time. */
  readonly flakiness: number
  /** Of the last verdict. */
  readonly lastTime: string
}

/** Reads results of tests and evaluations of one project. */
export class ResultRepository extends Repository {
  readonly #list: EntityList<'results', ReturnType<typeof resultSummaryColumns>>
  readonly #records: EntityList<'results', ReturnType<typeof resultColumns>>

  constructor(pool: Pool, options?: RepositoryOptions) {
    super(pool, options)
    const within = (limits: ReadOptions) => this.within(limits)
    this.#list = new EntityList(within, { entity: 'results', columns: resultSummaryColumns(pool.tables) })
    this.#records = new EntityList(within, { entity: 'results', columns: resultColumns(pool.tables) })
  }

  /** A result with all that it has, or undefined when there is none. */
  async get(resultId: string, options?: ReadOptions): Promise<Result | undefined> {
    const { db, tables } = this.pool
    const { results } = tables
    const columns = resultColumns(tables)
    const isIt = and(eq(results.projectId, this.projectId), eq(results.resultId, safeText(resultId)))
    const read = ({ pool }: ReadScope) => compileRows(pool, db.select(columns).from(results).where(isIt), columns)()
    return (await this.run('get a result', read, options))[0]
  }

  /**
   * Results without their evaluations, assertions and attributes, newest first by default.
   *
   * @throws ValidationError for an invalid limit, order, cursor or filter
   */
  list(options: ResultFilter & PageOptions<ResultOrder> = {}): Promise<Page<ResultSummary>> {
    return this.#list.page(...splitPageOptions<ResultFilter, ResultOrder>(options))
  }

  /** How many results match. */
  count(filter: ResultFilter & ReadOptions = {}): Promise<number> {
    return this.#list.count(filter)
  }

  /** All results that match, whole, in the memory of one batch. */
  stream(options: ResultFilter & StreamOptions<ResultOrder> = {}): AsyncGenerator<Result, void, undefined> {
    return this.#records.stream(...splitStreamOptions<ResultFilter, ResultOrder>(options))
  }

  /**
   * Pass rates and scores, by any names and by time.
   *
   * @example
   * const days = await store.results.statistics({ by: ['name'], bucket: 'day', since: '2026-11-01T00:00:00Z' })
   */
  async statistics<
    D extends ResultDimension = never,
    B extends BucketUnit | undefined = undefined,
    C extends boolean | undefined = undefined,
  >(options: ResultFilter & GroupOptions<D, B, C> = {}): Promise<Group<ResultStatistics, D, B, C>[]> {
    return measureGroups(this.within(options), resultStatistics, ...splitGroupOptions(options))
  }

  /** The pass rate of what matches, bucket by bucket, those without results among them. */
  trend({
    bucket = 'day',
    ...filter
  }: ResultFilter & ReadOptions & { bucket?: BucketUnit | undefined } = {}): Promise<
    Group<ResultStatistics, never, BucketUnit>[]
  > {
    return this.statistics({ ...filter, bucket, fill: true })
  }

  /**
   * Compares two runs of a suite: which tests fail now, which pass now, which are as before. A run is whatever a filter
   * finds; of each test its last result counts.
   *
   * @example
   * await store.results.compare({ runId: 'v1' }, { runId: 'v2' })
   * await store.results.compare({ suite: 'airline', attempt: 0 }, { suite: 'airline', attempt: 1 })
   */
  compare(before: ResultFilter, after: ResultFilter, options?: ReadOptions): Promise<RunComparison> {
    return this.run('compare results', (scope) => compareRuns(scope, before, after), options)
  }

  /**
   * Tests that passed and failed among the results that match, the flakiest first.
   *
   * @param options.limit how many, 1 to 1000. @default 50
   */
  async flaky({
    limit,
    signal,
    statementTimeoutMs,
    ...filter
  }: ResultFilter & ReadOptions & { limit?: number | undefined } = {}): Promise<FlakyTest[]> {
    const size = checkedLimit(limit)
    const { db, tables } = this.pool
    const { results } = tables
    const { name, status, time, resultId } = results
    // Without an `else`, since ClickHouse's `lag` begins with 0 where a value cannot be null.
    const isPassed = sql`case when ${status} = 'passed' then 1 when ${status} <> 'passed' then 0 end`
    const before = sql`lag(${isPassed}) over (partition by ${name} order by ${time}, ${resultId})`
    const judged = db
      .select({
        name,
        time,
        isPassed: sql<number>`${isPassed}`.as('is_passed'),
        isFlip: sql<number>`case when ${before} <> ${isPassed} then 1 else 0 end`.as('is_flip'),
      })
      .from(results)
      .where(and(compileFilter(this.scope, 'results', filter).where, inArray(status, ['passed', ...failingStatuses])))
      .as('judged')
    const passed = countIf(sql`${judged.isPassed} = 1`)
    const failed = countIf(sql`${judged.isPassed} = 0`)
    const flips = countIf(sql`${judged.isFlip} = 1`)
    const flakiness = sql<number>`${this.pool.dialect.asFloat(flips)} / (count(*) - 1)`.mapWith(Number)
    const query = ({ pool }: ReadScope) =>
      pool.db
        .select({
          name: judged.name,
          passed,
          failed,
          flips,
          flakiness,
          lastTime: sql`max(${judged.time})`.mapWith(time),
        })
        .from(judged)
        .groupBy(judged.name)
        .having(and(gt(passed, 0), gt(failed, 0)))
        .orderBy(desc(flakiness), asc(judged.name))
        .limit(size)
    return this.run('find flaky tests', query, { signal, statementTimeoutMs })
  }
}
