import { defineKeptUsage } from './kept-usage.ts'
import { postgresKit } from './kit/postgres.ts'
import { defineLeases } from './leases.ts'
import { definePendingUsage } from './pending-usage.ts'
import { postgresTables } from './postgres-tables.ts'
import { defineTombstones } from './tombstones.ts'

export { commitOrigins, tracehold } from './kit/postgres.ts'

/** The PostgreSQL tables, for typed queries and joins with an app's own. */
export const { traces, spans, events, results, metrics, metricPoints, logs } = postgresTables

/** Internal: the writers' own table. */
export const pendingUsage = definePendingUsage(postgresKit)
/** Internal: who does what one process at a time does. */
export const leases = defineLeases(postgresKit)
/** Internal: what traces used that retention deleted. */
export const keptUsage = defineKeptUsage(postgresKit)
/** Internal: what was erased. */
export const tombstones = defineTombstones(postgresKit)
