import { and, count, eq, type SQL, sql } from 'drizzle-orm'
import { eachToken } from '../../../schema/tokens.ts'
import type { SpanFilter } from '../entities/traces-and-spans.ts'
import { compileFilter } from '../filters/compile.ts'
import type { ReadScope } from '../read-scope.ts'
import { spanDimensions, type UsageDimension } from './dimensions.ts'
import type { Measurement } from './groups.ts'
import { type KeysOf, type Measured, named, partOf } from './keys.ts'
import { countIf, counting, micro, nano, ratio, sum, sumOf, type TokenSums } from './measures.ts'
import { spanKeys } from './span-keys.ts'

/** What a group of spans used. */
export interface Usage extends TokenSums {
  readonly spans: number
  /** Traces (runs) that have a span in the group. */
  readonly traces: number
  /** Spans with status `error`. */
  readonly errors: number
  /** errors / spans; 0 of nothing. */
  readonly errorRate: number
  /** US dollars, exact to 1e-9. */
  readonly costUsd: number
  /**
   * The sum of the spans' durations in milliseconds, exact to the microsecond. A span that waits for its children
   * counts beside them: for the time that runs took, see `runs`.
   */
  readonly durationMs: number
  /** The mean duration of the spans that have one. */
  readonly averageDurationMs: number
  /** The mean of `stepCount` over the group's traces, whole traces whichever of their spans are in the group. */
  readonly averageSteps: number
}

type Sum = keyof TokenSums | 'spans' | 'errors' | 'cost' | 'duration' | 'timed'
type Sums = Record<Sum | 'traces' | 'steps', number>

const usageOf = (sums: Sums): Usage => ({
  spans: sums.spans,
  traces: sums.traces,
  errors: sums.errors,
  errorRate: ratio(sums.errors, sums.spans),
  ...eachToken((key) => sums[key]),
  costUsd: sums.cost / nano,
  durationMs: sums.duration / micro,
  averageDurationMs: ratio(sums.duration / micro, sums.timed),
  averageSteps: ratio(sums.steps, sums.traces),
})

/** The usage of nothing. */
export const noUsage = usageOf({
  ...eachToken(() => 0),
  spans: 0,
  errors: 0,
  cost: 0,
  duration: 0,
  timed: 0,
  traces: 0,
  steps: 0,
})

/** What groups of spans used. */
export const usage: Measurement<Usage, SpanFilter, UsageDimension> = {
  during: 'sum the usage',
  dimensions: spanDimensions,
  zeros: noUsage,
  read: readUsage,
}

async function readUsage(scope: ReadScope, filter: SpanFilter, keysOf: KeysOf): Promise<Measured<Usage>[]> {
  const { db, tables } = scope.pool
  const { spans, traces } = tables
  const { where } = compileFilter(scope, 'spans', filter)
  const { keys, onTrace, agents } = spanKeys(scope, keysOf, where)
  const sums: Record<Sum, SQL<number>> = {
    spans: count(),
    errors: countIf(sql`${spans.status} = 'error'`),
    cost: sumOf(counting(spans, 'costUsd'), nano),
    duration: sumOf(spans.durationMs, micro),
    timed: count(spans.durationMs),
    ...eachToken((key) => sum(counting(spans, key))),
  }
  // Each trace of a group is one row here: counting rows counts traces, and each meets its own row once.
  const query = db
    .select({ ...keys.named, traceId: sql`${spans.traceId}`.as('traceId'), ...named(sums) })
    .from(spans)
    .$dynamic()
  const withTraces = onTrace ? query.leftJoin(traces, onTrace) : query
  const perTrace = (agents ? withTraces.leftJoin(agents.table, agents.on) : withTraces)
    .where(where)
    .groupBy(...keys.groups, spans.traceId)
    .as('per_trace')
  const { fields, terms } = keys.within('per_trace')
  const totals = Object.fromEntries(Object.keys(sums).map((name) => [name, sum(partOf('per_trace', name))]))
  const rows = await db
    .select({ ...fields, ...totals, traces: count(), steps: sum(traces.stepCount) })
    .from(perTrace)
    .leftJoin(traces, and(eq(traces.projectId, scope.projectId), eq(traces.traceId, partOf('per_trace', 'traceId'))))
    .groupBy(...terms)
  return rows.map((row) => ({ key: keys.of(row), measures: usageOf(row as Record<string, unknown> as Sums) }))
}
