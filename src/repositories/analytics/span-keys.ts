import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { ReadScope } from '../read-scope.ts'
import type { GroupKeys, KeysOf } from './keys.ts'
import { nearestAgents } from './nearest-agents.ts'

/** What a span has from its trace, where it does not say itself. */
const fromTrace = ['sessionId', 'userId', 'serviceName', 'environment', 'agentName'] as const

/** How spans are grouped. */
export interface SpanKeys {
  readonly keys: GroupKeys
  /** Under what condition a row of `traces` belongs to a span; undefined where no key needs it. */
  readonly onTrace: SQL | undefined
  /** The agents of spans that name none, and under what condition one belongs to a span; undefined where no key needs it. */
  readonly agents: { readonly table: SQL; readonly on: SQL } | undefined
}

/**
 * The keys of spans. A span that has no session, user, service or environment is grouped by its trace's; one that has no
 * agent by its nearest ancestor's, else by its trace's.
 *
 * @param where which spans are grouped
 */
export function spanKeys({ pool, projectId }: ReadScope, keysOf: KeysOf, where: SQL | undefined): SpanKeys {
  const { spans, traces } = pool.tables
  const own = getTableColumns(spans)
  const merged = Object.fromEntries(fromTrace.map((key) => [key, sql`coalesce(${spans[key]}, ${traces[key]})`]))
  const agentName = sql`coalesce(${spans.agentName}, nearest.agent_name, ${traces.agentName})`
  const keys = keysOf({ ...own, ...merged, agentName, startTime: spans.startTime })
  const needsTrace = fromTrace.some((key) => keys.columns.includes(key))
  const onTrace = and(eq(traces.projectId, spans.projectId), eq(traces.traceId, spans.traceId))
  const agents = {
    table: sql`${nearestAgents(pool.tables, projectId, where)} as nearest`,
    on: sql`nearest.trace_id = ${spans.traceId} and nearest.span_id = ${spans.spanId}`,
  }
  return {
    keys,
    onTrace: needsTrace ? onTrace : undefined,
    agents: keys.columns.includes('agentName') ? agents : undefined,
  }
}
