import { and, eq, inArray, sql } from 'drizzle-orm'
import type { ResultRow } from '../../../schema/tables.ts'
import type { ResultStatus } from '../../../schema/values.ts'
import type { CombinedFilter, FieldFilter, Fields, TimeFilter } from '../filters/match.ts'
import { checkedBoolean, filterFault } from '../filters/values.ts'
import type { Entity, OwnCondition } from './entity.ts'
import type { TraceFilter } from './traces-and-spans.ts'

/** The columns that results are filtered by. */
export const resultFields = {
  resultId: 'text',
  kind: 'enum',
  name: 'text',
  suite: 'text',
  runId: 'text',
  status: 'enum',
  score: 'number',
  label: 'text',
  explanation: 'text',
  evaluator: 'text',
  errorType: 'text',
  errorMessage: 'text',
  time: 'instant',
  durationMs: 'number',
  traceId: 'text',
  spanId: 'text',
  responseId: 'text',
  serviceName: 'text',
  agentName: 'text',
  environment: 'text',
  tags: 'tags',
  metadata: 'json',
  attributes: 'json',
} as const satisfies Fields

/** Which results. Every condition must hold; what is left out does not filter. */
export interface ResultFilter
  extends FieldFilter<typeof resultFields, ResultRow>,
    TimeFilter,
    CombinedFilter<ResultFilter> {
  /** Failed, ended in an error or timed out. */
  readonly failing?: boolean | undefined
  /** The trace that is judged matches. */
  readonly inTrace?: TraceFilter | undefined
  /**
   * Only the n-th result of each name, by time and from 0, among those that match the conditions beside this one: the
   * first or second trial of each test, where the runs of a suite have no id.
   */
  readonly attempt?: number | undefined
}

/** The statuses that count as failing. */
export const failingStatuses = ['failed', 'error', 'timeout'] as const satisfies readonly ResultStatus[]

const failing: OwnCondition = ({ column }, wanted, field) => {
  const isFailing = inArray(column('status'), [...failingStatuses])
  return checkedBoolean(wanted, field) ? isFailing : sql`((${isFailing}) is not true)`
}

const attempt: OwnCondition = ({ scope, column, others }, wanted, field) => {
  if (!Number.isSafeInteger(wanted) || Number(wanted) < 0) throw filterFault(field, 'must be an integer, 0 or more')
  const { db, tables } = scope.pool
  const { results } = tables
  const { projectId, name, time, resultId } = results
  const position = sql<number>`row_number() over (partition by ${name} order by ${time}, ${resultId})`
  const numbered = db
    .select({ id: resultId, position: position.as('position') })
    .from(results)
    .where(and(eq(projectId, scope.projectId), others()))
    .as('numbered')
  const isWanted = db
    .select({ id: numbered.id })
    .from(numbered)
    .where(sql`${numbered.position} = ${sql.raw(String(Number(wanted) + 1))}`)
  return inArray(column('resultId'), isWanted)
}

const orders = { time: 'time', duration: 'durationMs', score: 'score', name: 'name' } as const

/** What results can be ordered by. `time` is answered by an index; the others sort what the filter leaves. */
export type ResultOrder = keyof typeof orders

/** Results as they are filtered and listed. */
export const resultEntity = {
  time: 'time',
  fields: resultFields,
  conditions: {
    failing,
    inTrace: ({ column, related }, wanted, field) => related('traces', column('traceId'), 'traceId', wanted, field),
    attempt,
  },
  keys: ['resultId'],
  orders,
} as const satisfies Entity<ResultOrder>
