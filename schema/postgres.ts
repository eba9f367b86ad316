import { postgresKit } from './kit/postgres.ts'
import { definePendingUsage } from './pending-usage.ts'
import { postgresTables } from './postgres-tables.ts'

export { commitOrigins, tracehold } from './kit/postgres.ts'

/** The PostgreSQL tables, for typed queries and joins with an app's own. */
export const { traces, spans, events, results, metrics, metricPoints, logs } = postgresTables

/** Internal: the writers' own table. */
export const pendingUsage = definePendingUsage(postgresKit)
