import { postgresTables } from './postgres-tables.ts'

export { tracehold } from './kit/postgres.ts'

/** The PostgreSQL tables, for typed queries and joins with an app's own. */
export const { traces, spans, events, results, metrics, metricPoints, logs } = postgresTables
