import { and, type Column, count, max, min, type SQL } from 'drizzle-orm'
import type { Tables } from '../../schema/tables.ts'
import { eachToken } from '../../schema/tokens.ts'
import { micro, nano, sum, sumOf, type TokenSums } from './analytics/measures.ts'
import type { TraceFilter } from './entities/traces-and-spans.ts'
import { compileFilter } from './filters/compile.ts'
import type { OrderedKind } from './order.ts'
import type { ReadScope } from './read-scope.ts'

/** A conversation: the sums of its traces. */
export interface Session extends TokenSums {
  readonly sessionId: string
  /** Of the newest trace. */
  readonly userId: string | null
  /** Of the newest trace. */
  readonly agentName: string | null
  readonly traces: number
  readonly spans: number
  /** Spans with status `error`. */
  readonly errors: number
  readonly firstStart: string
  readonly lastStart: string
  readonly lastEnd: string | null
  /** The sum of the traces' wall times in milliseconds. */
  readonly durationMs: number
  /** US dollars, exact to 1e-9. */
  readonly costUsd: number
}

/** What sessions can be ordered by; the first is the default. */
export const sessionOrders = ['time', 'start', 'duration', 'cost', 'tokens', 'traces'] as const

/**
 * What sessions can be ordered by. `time` is the start of the newest trace, which an index answers; `start` is that of
 * the first one, and like the sums it is found by reading all traces that the filter leaves.
 */
export type SessionOrder = (typeof sessionOrders)[number]

/** What a session is ordered by, as an aggregate of its traces. */
interface OrderedSum {
  readonly value: SQL
  readonly kind: OrderedKind
  readonly encoder?: Column
}

/** The aggregates that sessions are ordered by. Sums are of whole micro- and nano-units, so they are equal where they should be. */
export function orderedSums({ traces }: Tables): Readonly<Record<Exclude<SessionOrder, 'time'>, OrderedSum>> {
  return {
    start: { value: min(traces.startTime), kind: 'instant', encoder: traces.startTime },
    duration: { value: sumOf(traces.durationMs, micro), kind: 'number' },
    cost: { value: sumOf(traces.costUsd, nano), kind: 'number' },
    tokens: { value: sum(traces.totalTokens), kind: 'integer' },
    traces: { value: count(), kind: 'integer' },
  }
}

/** The sums of some sessions, by their ids. */
export async function readSessionSums(
  scope: ReadScope,
  filter: TraceFilter,
  sessionIds: readonly string[],
): Promise<Map<string, Omit<Session, 'userId' | 'agentName'>>> {
  if (sessionIds.length === 0) return new Map()
  const { db, dialect, tables } = scope.pool
  const { traces } = tables
  const isWanted = dialect.isInList(traces.sessionId, dialect.list(sessionIds))
  const rows = await db
    .select({
      sessionId: traces.sessionId,
      traces: count(),
      spans: sum(traces.spanCount),
      errors: sum(traces.errorCount),
      firstStart: min(traces.startTime),
      lastStart: max(traces.startTime),
      lastEnd: max(traces.endTime),
      duration: sumOf(traces.durationMs, micro),
      cost: sumOf(traces.costUsd, nano),
      ...eachToken((key) => sum(traces[key])),
    })
    .from(traces)
    .where(and(compileFilter(scope, 'traces', filter).where, isWanted))
    .groupBy(traces.sessionId)
  return new Map(
    rows.map(({ sessionId, firstStart, lastStart, duration, cost, ...rest }) => [
      sessionId ?? '',
      {
        ...rest,
        sessionId: sessionId ?? '',
        firstStart: firstStart ?? '',
        lastStart: lastStart ?? '',
        durationMs: duration / micro,
        costUsd: cost / nano,
      },
    ]),
  )
}
