import { aliasedTable, and, type Column, eq, inArray, isNull, lt, not, or, type SQL } from 'drizzle-orm'
import type { TraceFilter } from '../repositories/entities/traces-and-spans.ts'
import { compileFilter } from '../repositories/filters/compile.ts'
import type { PoolScope } from '../repositories/read-scope.ts'
import type { AgedRows } from './retention-policy.ts'

/** Tables whose rows name their trace. */
type TraceMember = 'spans' | 'events' | 'results' | 'logs'

/** The rows of a table that go by their own age. */
export function expiredRows(scope: PoolScope, { entity, before, keepsStoredTraces }: AgedRows): SQL {
  const { where } = compileFilter(scope, entity, { time: { lt: before } })
  if (!keepsStoredTraces || entity === 'metricPoints') return where
  const { db, dialect, tables } = scope.pool
  const { traceId } = tables[entity]
  const stored = aliasedTable(tables.traces, 'stored_traces')
  const hasTrace = dialect.hasMatch(traceId, stored.traceId, (field, on) =>
    db
      .select({ field })
      .from(stored)
      // A trace that began later has no part in rows of before.
      .where(and(eq(stored.projectId, scope.projectId), on, lt(stored.startTime, String(before)))),
  )
  return and(where, or(isNull(traceId), not(hasTrace))) as SQL
}

/** The rows of a table that belong to traces which fit one of some filters. */
export function rowsOfTraces(scope: PoolScope, entity: TraceMember, filters: readonly TraceFilter[]): SQL {
  const { pool, projectId } = scope
  const { traces } = pool.tables
  const columns: { projectId: Column; traceId: Column } = pool.tables[entity]
  const ids = pool.db
    .select({ id: traces.traceId })
    .from(traces)
    .where(compileFilter(scope, 'traces', { or: filters }).where)
  return and(eq(columns.projectId, projectId), inArray(columns.traceId, ids)) as SQL
}
