import { count, eq, getTableColumns, inArray, max, min, sql } from 'drizzle-orm'
import type { Measurement } from './analytics/groups.ts'
import type { KeysOf, Measured } from './analytics/keys.ts'
import { countIf, micro, nano, ratio, sumOf } from './analytics/measures.ts'
import { failingStatuses, type ResultFilter } from './entities/results.ts'
import { compileFilter } from './filters/compile.ts'
import type { ReadScope } from './read-scope.ts'

/** What results can be grouped by, and the column that it means. */
export const resultDimensions = {
  name: 'name',
  suite: 'suite',
  run: 'runId',
  kind: 'kind',
  status: 'status',
  label: 'label',
  evaluator: 'evaluator',
  agent: 'agentName',
  service: 'serviceName',
  environment: 'environment',
} as const

/** A name that results can be grouped by. */
export type ResultDimension = keyof typeof resultDimensions

/** How a group of results did. What would be a mean of nothing is null. */
export interface ResultStatistics {
  readonly results: number
  readonly passed: number
  /** Failed, ended in an error or timed out. */
  readonly failed: number
  /** Without a verdict: pending, running, skipped, or only a score. */
  readonly other: number
  /** passed / (passed + failed). */
  readonly passRate: number | null
  /** Results that have a score. */
  readonly scored: number
  /** The mean, of scores to the ninth digit. */
  readonly averageScore: number | null
  readonly minScore: number | null
  readonly medianScore: number | null
  readonly maxScore: number | null
  /** The mean in milliseconds, exact to the microsecond. */
  readonly averageDurationMs: number | null
}

/** The statistics of no results. */
export const noResults: ResultStatistics = {
  results: 0,
  passed: 0,
  failed: 0,
  other: 0,
  passRate: null,
  scored: 0,
  averageScore: null,
  minScore: null,
  medianScore: null,
  maxScore: null,
  averageDurationMs: null,
}

/** How groups of results did. */
export const resultStatistics: Measurement<ResultStatistics, ResultFilter, ResultDimension> = {
  during: 'sum up results',
  dimensions: resultDimensions,
  zeros: noResults,
  read: readResultStatistics,
}

async function readResultStatistics(
  scope: ReadScope,
  filter: ResultFilter,
  keysOf: KeysOf,
): Promise<Measured<ResultStatistics>[]> {
  const { db, dialect, tables } = scope.pool
  const { results } = tables
  const table = { ...getTableColumns(results), startTime: results.time }
  const keys = keysOf(table)
  const rows = await db
    .select({
      ...keys.fields,
      results: count(),
      passed: countIf(eq(results.status, sql`'passed'`)),
      failed: countIf(inArray(results.status, [...failingStatuses])),
      scored: count(results.score),
      scoreSum: sumOf(results.score, nano),
      minScore: min(results.score),
      medianScore: sql<number | null>`${dialect.percentile(results.score, 0.5)}`,
      maxScore: max(results.score),
      timed: count(results.durationMs),
      durationSum: sumOf(results.durationMs, micro),
    })
    .from(results)
    .where(compileFilter(scope, 'results', filter).where)
    .groupBy(...keys.groups)
  return rows.map((row): Measured<ResultStatistics> => {
    const judged = row.passed + row.failed
    return {
      key: keys.of(row),
      measures: {
        results: row.results,
        passed: row.passed,
        failed: row.failed,
        other: row.results - judged,
        passRate: judged === 0 ? null : ratio(row.passed, judged),
        scored: row.scored,
        averageScore: row.scored === 0 ? null : row.scoreSum / nano / row.scored,
        minScore: row.minScore,
        medianScore: row.medianScore,
        maxScore: row.maxScore,
        averageDurationMs: row.timed === 0 ? null : row.durationSum / micro / row.timed,
      },
    }
  })
}
