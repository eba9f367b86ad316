import { aliasedTable, and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { type ResultKind, type ResultStatus, resultKinds, resultStatuses } from '../../schema/values.ts'
import type { Instant } from '../rows/records.ts'
import type { JsonPredicate, NumberMatch, OneOf, Range, TagsMatch, TextMatch, TraceFilter } from './filters.ts'
import { compileFilter, type FilterScope } from './predicates/compile.ts'
import { checkedBoolean, filterFault } from './predicates/values.ts'
import { compileFields, type FieldKinds, fieldsOf, type TimeFilter } from './record-filter.ts'

const textFields = [
  'resultId',
  'name',
  'suite',
  'runId',
  'label',
  'explanation',
  'evaluator',
  'errorType',
  'errorMessage',
  'traceId',
  'spanId',
  'responseId',
  'serviceName',
  'agentName',
  'environment',
] as const

const kinds: FieldKinds = {
  ...fieldsOf({
    text: textFields,
    number: ['score', 'durationMs'],
    instant: ['time'],
    tags: ['tags'],
    json: ['metadata', 'attributes'],
  }),
  kind: resultKinds,
  status: resultStatuses,
}

/** The statuses that count as failing. */
export const failingStatuses = ['failed', 'error', 'timeout'] as const satisfies readonly ResultStatus[]

/** Which results. Every condition must hold; what is left out does not filter. */
export interface ResultFilter extends TimeFilter, Partial<Record<(typeof textFields)[number], TextMatch | undefined>> {
  readonly kind?: OneOf<ResultKind> | undefined
  readonly status?: OneOf<ResultStatus | null> | undefined
  /** Failed, ended in an error or timed out. */
  readonly failing?: boolean | undefined
  readonly score?: NumberMatch | undefined
  readonly durationMs?: NumberMatch | undefined
  readonly time?: Range<Instant> | undefined
  readonly tags?: TagsMatch | undefined
  readonly metadata?: OneOf<JsonPredicate> | undefined
  readonly attributes?: OneOf<JsonPredicate> | undefined
  /** The trace that is judged fits. */
  readonly inTrace?: TraceFilter | undefined
  /**
   * Only the n-th result of each name, by time and from 0, among those that fit the other conditions: the first or
   * second trial of each test, where the runs of a suite have no id.
   */
  readonly attempt?: number | undefined
}

/** The predicate of a filter of results. */
export function compileResultFilter(scope: FilterScope, { attempt, ...filter }: ResultFilter): SQL | undefined {
  const { db, dialect, tables } = scope.pool
  const { results } = tables
  const condition = compileFields(scope, results, kinds, filter, {
    failing: (wanted, field) => {
      const failing = inArray(results.status, [...failingStatuses])
      return checkedBoolean(wanted, field) ? failing : sql`((${failing}) is not true)`
    },
    inTrace: (wanted) => {
      const traces = aliasedTable(tables.traces, 'judged')
      const fits = compileFilter(scope, 'traces', wanted as TraceFilter, traces)
      return dialect.hasMatch(results.traceId, traces.traceId, (field, on) =>
        db
          .select({ field })
          .from(traces)
          .where(and(eq(traces.projectId, scope.projectId), on, fits)),
      )
    },
  })
  if (attempt === undefined) return condition
  if (!Number.isInteger(attempt) || attempt < 0) throw filterFault('attempt', 'must be an integer, 0 or more')
  const place = sql<number>`row_number() over (partition by ${results.name} order by ${results.time}, ${results.resultId})`
  const numbered = db
    .select({ id: results.resultId, place: place.as('place') })
    .from(results)
    .where(and(eq(results.projectId, scope.projectId), condition))
    .as('numbered')
  const isWanted = db
    .select({ id: numbered.id })
    .from(numbered)
    .where(sql`${numbered.place} = ${sql.raw(String(attempt + 1))}`)
  return and(condition, inArray(results.resultId, isWanted))
}
