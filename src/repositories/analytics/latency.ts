import { and, count, isNotNull, max, min, type SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Dialect } from '../../engines/dialect.ts'
import type { SpanFilter } from '../entities/traces-and-spans.ts'
import { compileFilter } from '../filters/compile.ts'
import type { ReadScope } from '../read-scope.ts'
import { spanDimensions, type UsageDimension } from './dimensions.ts'
import type { Measurement } from './groups.ts'
import type { KeysOf, Measured } from './keys.ts'
import { micro, orZero, ratio, sumOf } from './measures.ts'
import { spanKeys } from './span-keys.ts'

/** How long spans took, in milliseconds. Without spans every number is 0, `count` too. */
export interface Latency {
  /** Spans that have a duration; the others are not looked at. */
  readonly count: number
  /** The mean, exact to the microsecond. */
  readonly avg: number
  readonly min: number
  readonly max: number
  /** Percentiles, interpolated between the two nearest spans (`percentile_cont` of the SQL standard). */
  readonly p50: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
}

type LatencySums = Omit<Latency, 'avg'> & { sum: number }

/** The fields that measure a column of durations. */
export const latencyFields = (dialect: Dialect, duration: PgColumn): Record<keyof LatencySums, SQL<number>> => ({
  count: count(duration),
  sum: sumOf(duration, micro),
  min: orZero(min(duration)),
  max: orZero(max(duration)),
  p50: orZero(dialect.percentile(duration, 0.5)),
  p90: orZero(dialect.percentile(duration, 0.9)),
  p95: orZero(dialect.percentile(duration, 0.95)),
  p99: orZero(dialect.percentile(duration, 0.99)),
})

/** The latency that these fields say. */
export function latencyOf({ count, sum, min, max, p50, p90, p95, p99 }: LatencySums): Latency {
  return { count, avg: ratio(sum / micro, count), min, max, p50, p90, p95, p99 }
}

/** The latency of nothing. */
export const noLatency = latencyOf({ count: 0, sum: 0, min: 0, max: 0, p50: 0, p90: 0, p95: 0, p99: 0 })

/** How long groups of spans took. */
export const latency: Measurement<Latency, SpanFilter, UsageDimension> = {
  during: 'measure the latency',
  dimensions: spanDimensions,
  zeros: noLatency,
  read: readLatency,
}

async function readLatency(scope: ReadScope, filter: SpanFilter, keysOf: KeysOf): Promise<Measured<Latency>[]> {
  const { db, dialect, tables } = scope.pool
  const { spans, traces } = tables
  const where = and(isNotNull(spans.durationMs), compileFilter(scope, 'spans', filter).where)
  const { keys, onTrace, agents } = spanKeys(scope, keysOf, where)
  const query = db
    .select({ ...keys.fields, ...latencyFields(dialect, spans.durationMs) })
    .from(spans)
    .$dynamic()
  const withTraces = onTrace ? query.leftJoin(traces, onTrace) : query
  const rows = await (agents ? withTraces.leftJoin(agents.table, agents.on) : withTraces)
    .where(where)
    .groupBy(...keys.groups)
  return rows.map((row) => ({ key: keys.of(row), measures: latencyOf(row as Record<string, unknown> as LatencySums) }))
}
