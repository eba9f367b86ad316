import type { Kit } from './kit/postgres.ts'

/**
 * Internal: what spans hand up to a parent that is not stored, by that parent's id. It is the writers' own, in
 * PostgreSQL and SQLite; rows go when the parent comes, and with their trace.
 */
export const definePendingUsage = (k: Kit) =>
  k.table(
    'pending_usage',
    {
      projectId: k.text('project_id').notNull(),
      traceId: k.text('trace_id').notNull(),
      parentSpanId: k.text('parent_span_id').notNull(),
      /** As `usage_below` of the span would say it. */
      usageBelow: k.text('usage_below').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.projectId, t.traceId, t.parentSpanId] })],
  )
