import { countDistinct, max, min } from 'drizzle-orm'
import type { TraceFilter } from '../entities/traces-and-spans.ts'
import { compileFilter } from '../filters/compile.ts'
import type { ReadScope } from '../read-scope.ts'
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
export async function readStatistics(scope: ReadScope, filter: TraceFilter): Promise<Statistics> {
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
    .where(compileFilter(scope, 'traces', filter).where)
  const { runs, latency, ...rest } = row as NonNullable<typeof row>
  return { ...runsOf(runs satisfies RunSums), ...rest, latency: latencyOf(latency) }
}
