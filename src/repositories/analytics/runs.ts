import { count, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { Tables } from '../../../schema/tables.ts'
import { eachToken } from '../../../schema/tokens.ts'
import type { TraceFilter } from '../entities/traces-and-spans.ts'
import { compileFilter } from '../filters/compile.ts'
import type { ReadScope } from '../read-scope.ts'
import { type RunDimension, traceDimensions } from './dimensions.ts'
import type { Measurement } from './groups.ts'
import type { KeysOf, Measured } from './keys.ts'
import { countIf, micro, nano, ratio, sum, sumOf, type TokenSums } from './measures.ts'

/** What a group of traces (runs) did and used, traces without spans among them. */
export interface Runs extends TokenSums {
  readonly runs: number
  /** Runs with status `error`. */
  readonly errors: number
  /** errors / runs; 0 of nothing. */
  readonly errorRate: number
  readonly spans: number
  readonly llmCalls: number
  readonly toolCalls: number
  readonly steps: number
  readonly averageSteps: number
  /** US dollars, exact to 1e-9. */
  readonly costUsd: number
  /** The sum of the runs' wall times in milliseconds, exact to the microsecond. */
  readonly durationMs: number
  /** The mean wall time of the runs that have one. */
  readonly averageDurationMs: number
  /** The sum of the durations of all steps. */
  readonly stepsDurationMs: number
}

/** The sums that `runsOf` reads. */
export type RunSums = Record<
  | keyof TokenSums
  | 'runs'
  | 'errors'
  | 'spans'
  | 'llmCalls'
  | 'toolCalls'
  | 'steps'
  | 'cost'
  | 'duration'
  | 'timed'
  | 'stepsDuration',
  number
>

/** The fields that measure traces. */
export const runFields = ({ traces }: Tables): Record<keyof RunSums, SQL<number>> => ({
  runs: count(),
  errors: countIf(sql`${traces.status} = 'error'`),
  spans: sum(traces.spanCount),
  llmCalls: sum(traces.llmCallCount),
  toolCalls: sum(traces.toolCallCount),
  steps: sum(traces.stepCount),
  cost: sumOf(traces.costUsd, nano),
  duration: sumOf(traces.durationMs, micro),
  timed: count(traces.durationMs),
  stepsDuration: sumOf(traces.stepsDurationMs, micro),
  ...eachToken((key) => sum(traces[key])),
})

/** The measures that these fields say. */
export const runsOf = (sums: RunSums): Runs => ({
  runs: sums.runs,
  errors: sums.errors,
  errorRate: ratio(sums.errors, sums.runs),
  spans: sums.spans,
  llmCalls: sums.llmCalls,
  toolCalls: sums.toolCalls,
  steps: sums.steps,
  averageSteps: ratio(sums.steps, sums.runs),
  ...eachToken((key) => sums[key]),
  costUsd: sums.cost / nano,
  durationMs: sums.duration / micro,
  averageDurationMs: ratio(sums.duration / micro, sums.timed),
  stepsDurationMs: sums.stepsDuration / micro,
})

/** The measures of no runs. */
export const noRuns = runsOf({
  ...eachToken(() => 0),
  runs: 0,
  errors: 0,
  spans: 0,
  llmCalls: 0,
  toolCalls: 0,
  steps: 0,
  cost: 0,
  duration: 0,
  timed: 0,
  stepsDuration: 0,
})

/** What groups of traces did. */
export const runs: Measurement<Runs, TraceFilter, RunDimension> = {
  during: 'sum the runs',
  dimensions: traceDimensions,
  zeros: noRuns,
  read: readRuns,
}

async function readRuns(scope: ReadScope, filter: TraceFilter, keysOf: KeysOf): Promise<Measured<Runs>[]> {
  const { db, tables } = scope.pool
  const { traces } = tables
  const keys = keysOf(getTableColumns(traces))
  const rows = await db
    .select({ ...keys.fields, ...runFields(tables) })
    .from(traces)
    .where(compileFilter(scope, 'traces', filter).where)
    .groupBy(...keys.groups)
  return rows.map((row) => ({ key: keys.of(row), measures: runsOf(row as Record<string, unknown> as RunSums) }))
}
