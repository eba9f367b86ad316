import { and, countDistinct, eq, max, min } from 'drizzle-orm'
import type { TraceFilter } from '../filters.ts'
import { compileFilter, type FilterScope } from '../predicates/compile.ts'
import { type Latency, latencyFields, latencyOf } from './latency.ts'
import { type RunSums, type Runs, runFields, runsOf } from './runs.ts'

/** What the traces of a filter are, at a glance. */
export interface Statistics extends Runs {
  /** The first start, as rows have it; null of nothing. */
  readonly firstStart: string | null
  /** The last start. */
  readonly lastStart: string | null
  /** Wall times of the traces. */
  readonly latency: Latency
  /** How many different names there are. */
  readonly services: number
  readonly agents: number
  readonly users: number
  readonly sessions: number
}

/** Reads the statistics of traces. */
export async function readStatistics(scope: FilterScope, filter: TraceFilter): Promise<Statistics> {
  const { db, dialect, tables } = scope.pool
  const { traces } = tables
  const [row] = await db
    .select({
      runs: runFields(tables),
      latency: latencyFields(dialect, traces.durationMs),
      firstStart: min(traces.startTime),
      lastStart: max(traces.startTime),
      services: countDistinct(traces.serviceName),
      agents: countDistinct(traces.agentName),
      users: countDistinct(traces.userId),
      sessions: countDistinct(traces.sessionId),
    })
    .from(traces)
    .where(and(eq(traces.projectId, scope.projectId), compileFilter(scope, 'traces', filter)))
  const { runs, latency, ...rest } = row as NonNullable<typeof row>
  return { ...runsOf(runs satisfies RunSums), ...rest, latency: latencyOf(latency) }
}
