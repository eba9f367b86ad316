import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { Tables } from '../../../schema/tables.ts'
import type { GroupKeys, KeysOf } from './keys.ts'

/** What a span has from its trace, where it does not say itself. */
const fromTrace = ['sessionId', 'userId', 'serviceName', 'environment', 'agentName'] as const

/** How spans are grouped. */
export interface SpanKeys {
  readonly keys: GroupKeys
  /** Under what condition a row of `traces` belongs to a span; undefined where no key needs it. */
  readonly onTrace: SQL | undefined
}

/** The keys of spans. A span that has no session, user, service, environment or agent is grouped by its trace's. */
export function spanKeys({ spans, traces }: Tables, keysOf: KeysOf): SpanKeys {
  const own = getTableColumns(spans)
  const merged = Object.fromEntries(fromTrace.map((key) => [key, sql`coalesce(${spans[key]}, ${traces[key]})`]))
  const keys = keysOf({ ...own, ...merged, startTime: spans.startTime })
  const needsTrace = fromTrace.some((key) => keys.columns.includes(key))
  const onTrace = and(eq(traces.projectId, spans.projectId), eq(traces.traceId, spans.traceId))
  return { keys, onTrace: needsTrace ? onTrace : undefined }
}
