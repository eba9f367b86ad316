import { ValidationError } from '../errors.ts'
import type { TraceFilter } from '../repositories/entities/traces-and-spans.ts'
import type { Instant } from '../rows/records.ts'
import { type Age, cutoffOf } from './age.ts'

/** Tables whose rows have an age of their own beside that of a trace. */
export const agedEntities = ['logs', 'results', 'metricPoints'] as const
export type AgedEntity = (typeof agedEntities)[number]

/**
 * What is deleted by its age. A trace is as old as its end, and of one without an end as its start. It goes whole, with
 * its spans, events, results and logs, whatever their own age.
 */
export interface RetentionPolicy {
  /**
   * How long traces are kept. Without a `filter` this is also said of metric points, and of logs and results whose trace
   * is not stored. @default traces are kept
   */
  olderThan?: Age | undefined
  /** How long traces with an error are kept instead. @default olderThan */
  errors?: Age | undefined
  /**
   * Keep what deleted traces used: per hour, and by kind, provider, model, agent, service and environment. `usage` over
   * that time includes it, and says of how many spans it is. @default false
   */
  keepUsage?: boolean | undefined
  /** Which traces: any filter of lists. Logs, results and points then only go where their own age is given. @default all */
  filter?: TraceFilter | undefined
  /** How long logs are kept, of whatever trace; false keeps them as long as their trace, and for ever without one. */
  logs?: Age | false | undefined
  /** How long results are kept, likewise. */
  results?: Age | false | undefined
  /** How long points of metrics are kept; false keeps them. */
  metricPoints?: Age | false | undefined
}

/** The rows of a table that have a time of their own and go by it. */
export interface AgedRows {
  readonly entity: AgedEntity
  /** Rows of an earlier time. */
  readonly before: Instant
  /** Whether rows of stored traces stay. */
  readonly keepsStoredTraces: boolean
}

/** What a policy deletes at one moment. */
export interface Expired {
  /** The traces: each of them fits exactly one of these. */
  readonly traces: readonly TraceFilter[]
  readonly rows: readonly AgedRows[]
}

/**
 * What a policy deletes now.
 *
 * @param now in milliseconds since 1970
 * @throws ValidationError for a policy that says nothing, or an age that is none
 */
export function expiredBy(policy: RetentionPolicy, now = Date.now()): Expired {
  const { olderThan, errors, filter } = policy
  const expired = { traces: tracesOf(policy, now), rows: agedEntities.flatMap((entity) => rowsOf(policy, entity, now)) }
  if (expired.traces.length > 0 || expired.rows.length > 0) return expired
  const message = 'must be given, or errors, logs, results or metricPoints'
  // With nothing but a filter all of its traces would go at once.
  if (olderThan === undefined && errors === undefined && filter !== undefined) {
    throw new ValidationError('Invalid policy', [{ field: 'olderThan', message: `${message}: a filter has no age` }])
  }
  throw new ValidationError('Invalid policy', [{ field: 'olderThan', message }])
}

function tracesOf({ olderThan, errors, filter = {} }: RetentionPolicy, now: number): TraceFilter[] {
  const older = (age: Age, field: string): TraceFilter => {
    const before = cutoffOf(age, field, now)
    // The start is what an index knows.
    return { and: [filter], startTime: { lt: before }, not: { endTime: { gte: before } } }
  }
  if (errors === undefined) return olderThan === undefined ? [] : [older(olderThan, 'olderThan')]
  const failed: TraceFilter = { ...older(errors, 'errors'), hasError: true }
  return olderThan === undefined ? [failed] : [{ ...older(olderThan, 'olderThan'), hasError: false }, failed]
}

function rowsOf(policy: RetentionPolicy, entity: AgedEntity, now: number): AgedRows[] {
  const own = policy[entity]
  if (own === false) return []
  if (own !== undefined) return [{ entity, before: cutoffOf(own, entity, now), keepsStoredTraces: false }]
  if (policy.olderThan === undefined || policy.filter !== undefined) return []
  return [
    { entity, before: cutoffOf(policy.olderThan, 'olderThan', now), keepsStoredTraces: entity !== 'metricPoints' },
  ]
}
