import { and, count, countDistinct, eq, type SQL, sql } from 'drizzle-orm'
import type { Tables } from '../../../schema/tables.ts'
import { eachToken } from '../../../schema/tokens.ts'
import { ValidationError } from '../../errors.ts'
import type { SpanFilter } from '../entities/traces-and-spans.ts'
import { compileFilter } from '../filters/compile.ts'
import type { ReadScope } from '../read-scope.ts'
import { spanDimensions, type UsageDimension } from './dimensions.ts'
import type { Measurement } from './groups.ts'
import { addGroups, readKept } from './kept-usage.ts'
import { type KeysOf, type Measured, named, partOf } from './keys.ts'
import { countIf, counting, micro, nano, ratio, sum, sumOf, type TokenSums } from './measures.ts'
import { spanKeys } from './span-keys.ts'

/** What a group of spans used. */
export interface Usage extends TokenSums {
  readonly spans: number
  /**
   * Of `spans`, those that are gone: retention kept what they used, by the hour in which they began. They are not among
   * `traces` and `averageSteps`.
   */
  readonly keptSpans: number
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
type Sums = Record<Sum | 'kept' | 'traces' | 'steps', number>

const usageOf = (sums: Sums): Usage => ({
  spans: sums.spans,
  keptSpans: sums.kept ?? 0,
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
  kept: 0,
  errors: 0,
  cost: 0,
  duration: 0,
  timed: 0,
  traces: 0,
  steps: 0,
})

/** A measure of usage. */
export type UsageMeasure = keyof Usage

/** The measures of usage. */
export const usageMeasures = Object.keys(noUsage) as UsageMeasure[]

/** The sums that a measure is made of, where it is not the sum of its name. */
const sumsOf: Partial<Record<UsageMeasure, readonly (Sum | 'kept' | 'traces')[]>> = {
  keptSpans: ['kept', 'spans'],
  errorRate: ['errors', 'spans'],
  costUsd: ['cost'],
  durationMs: ['duration'],
  averageDurationMs: ['duration', 'timed'],
}

/**
 * What groups of spans used.
 *
 * @param measures which measures. @default all
 * @throws ValidationError for an unknown measure
 */
export function usage<M extends UsageMeasure>(
  measures: readonly M[] | undefined,
): Measurement<Pick<Usage, M>, SpanFilter, UsageDimension> {
  const wanted = checkedMeasures(measures)
  const only = (all: Usage) => Object.fromEntries(wanted.map((name) => [name, all[name]])) as Pick<Usage, M>
  return {
    during: 'sum the usage',
    dimensions: spanDimensions,
    zeros: only(noUsage),
    async read(scope, filter, keysOf) {
      const sums = new Set(wanted.flatMap((name): readonly string[] => sumsOf[name] ?? [name]))
      const [stored, kept] = await Promise.all([
        wanted.some((name) => name === 'averageSteps')
          ? readUsage(scope, filter, keysOf)
          : readSums(scope, filter, keysOf, sums),
        readKept(scope, filter, keysOf, sums),
      ])
      const groups = kept.length === 0 ? stored : addGroups(stored, kept)
      return groups.map(({ key, measures }) => ({ key, measures: only(usageOf(measures as Sums)) }))
    },
  }
}

function checkedMeasures(measures: readonly string[] | undefined): readonly UsageMeasure[] {
  const given: unknown = measures ?? usageMeasures
  const isKnown = (name: unknown): name is UsageMeasure => usageMeasures.some((known) => known === name)
  if (Array.isArray(given) && given.length > 0 && given.every(isKnown)) return given
  const message = `must be a list of these names: ${usageMeasures.join(', ')}`
  throw new ValidationError('Invalid analytics', [{ field: 'measures', message }])
}

const allSums = ({ spans }: Tables): Record<Sum, SQL<number>> => ({
  spans: count(),
  errors: countIf(sql`${spans.status} = 'error'`),
  cost: sumOf(counting(spans, 'costUsd'), nano),
  duration: sumOf(spans.durationMs, micro),
  timed: count(spans.durationMs),
  ...eachToken((key) => sum(counting(spans, key))),
})

/** Sums over spans alone, by their names: one level of groups. */
export async function readSums(
  scope: ReadScope,
  filter: SpanFilter,
  keysOf: KeysOf,
  names: ReadonlySet<string>,
): Promise<Measured<Readonly<Record<string, number>>>[]> {
  const { db, tables } = scope.pool
  const { spans, traces } = tables
  const { where } = compileFilter(scope, 'spans', filter)
  const { keys, onTrace, agents } = spanKeys(scope, keysOf, where)
  const all: Record<string, SQL<number>> = { ...allSums(tables), traces: countDistinct(spans.traceId) }
  const sums = Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)))
  const query = db
    .select({ ...keys.fields, ...sums })
    .from(spans)
    .$dynamic()
  const withTraces = onTrace ? query.leftJoin(traces, onTrace) : query
  const rows = await (agents ? withTraces.leftJoin(agents.table, agents.on) : withTraces)
    .where(where)
    .groupBy(...keys.groups)
  return rows.map((row) => ({ key: keys.of(row), measures: row as Record<string, unknown> as Record<string, number> }))
}

/** All measures: each trace of a group is met once, for its steps. */
async function readUsage(scope: ReadScope, filter: SpanFilter, keysOf: KeysOf): Promise<Measured<Sums>[]> {
  const { db, tables } = scope.pool
  const { spans, traces } = tables
  const { where } = compileFilter(scope, 'spans', filter)
  const { keys, onTrace, agents } = spanKeys(scope, keysOf, where)
  const sums = allSums(tables)
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
  return rows.map((row) => ({ key: keys.of(row), measures: row as Record<string, unknown> as Sums }))
}
