import type { Kit } from './kit/postgres.ts'
import { eachToken } from './tokens.ts'
import { spanKinds } from './values.ts'

/**
 * Internal: what traces used that retention deleted, by the hour and the usual names. A batch of traces has some rows,
 * which are written before the traces are deleted and never changed.
 */
export const defineKeptUsage = (k: Kit) =>
  k.table(
    'kept_usage',
    {
      projectId: k.text('project_id').notNull(),
      batchId: k.text('batch_id').notNull(),
      ordinal: k.int('ordinal').notNull(),
      /** The hour in which the spans began. */
      startTime: k.timestamp('hour').notNull(),
      kind: k.enumText('kind', spanKinds),
      provider: k.text('provider'),
      model: k.text('model'),
      agentName: k.text('agent_name'),
      serviceName: k.text('service_name'),
      environment: k.text('environment'),
      spans: k.bigint('spans').notNull(),
      errors: k.bigint('errors').notNull(),
      /** Spans that have a duration, and the sum of these in microseconds. */
      timed: k.bigint('timed').notNull(),
      duration: k.bigint('duration_us').notNull(),
      /** In billionths of a dollar. */
      cost: k.bigint('cost_nanos').notNull(),
      ...eachToken((column) => k.bigint(column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)).notNull()),
      /** Of the first row, while its traces are being deleted: which they are, as a list in JSON. */
      traceIds: k.text('trace_ids'),
      /** And before which transaction what is deleted was stored. */
      horizon: k.bigint('horizon'),
    },
    (t) => [
      k.primaryKey({ columns: [t.projectId, t.batchId, t.ordinal] }),
      k.index('kept_usage_hour').on(t.projectId, t.startTime),
    ],
  )

/** The table as reads see it on every engine. */
export type KeptUsageTable = ReturnType<typeof defineKeptUsage>
/** A row of it. */
export type KeptUsageRow = KeptUsageTable['$inferSelect']
