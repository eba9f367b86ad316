import { and, type Column, eq, gte, inArray, lt, type SQL } from 'drizzle-orm'
import { isoFromMicros, microsFromIso } from '../../schema/time.ts'
import type { SpanKind, Status } from '../../schema/values.ts'
import { ValidationError } from '../errors.ts'
import type { Instant } from '../writers/records.ts'

/** One accepted value, or several of which one must fit. */
export type OneOf<T> = T | readonly T[]

/** Which traces or spans. Every condition must hold; what is left out does not filter. */
export interface CommonFilter {
  name?: OneOf<string> | undefined
  agentName?: OneOf<string> | undefined
  serviceName?: OneOf<string> | undefined
  status?: OneOf<Status> | undefined
  sessionId?: OneOf<string> | undefined
  userId?: OneOf<string> | undefined
  environment?: OneOf<string> | undefined
  provider?: OneOf<string> | undefined
  model?: OneOf<string> | undefined
  /** Started at this instant or later. */
  since?: Instant | undefined
  /** Started before this instant. */
  until?: Instant | undefined
}

/** Which traces. */
export interface TraceFilter extends CommonFilter {
  runId?: OneOf<string> | undefined
  parentRunId?: OneOf<string> | undefined
}

/** Which spans. */
export interface SpanFilter extends CommonFilter {
  traceId?: OneOf<string> | undefined
  kind?: OneOf<SpanKind> | undefined
  toolName?: OneOf<string> | undefined
}

type Columns = Readonly<Record<string, Column>> & { readonly startTime: Column }

/**
 * The one place where a filter becomes SQL: lists, counts and analytics use the same predicate.
 *
 * @throws ValidationError for a field that the table does not have, or a time that is none
 */
export function compileFilter(columns: Columns, filter: TraceFilter | SpanFilter): SQL | undefined {
  const { since, until, ...equalities } = filter
  const conditions = Object.entries(equalities).map(([field, wanted]) => {
    if (wanted === undefined) return undefined
    const column = Object.hasOwn(columns, field) ? columns[field] : undefined
    if (!column) throw new ValidationError('Invalid filter', [{ field, message: 'is not a field to filter by' }])
    return Array.isArray(wanted) ? inArray(column, wanted) : eq(column, wanted)
  })
  if (since !== undefined) conditions.push(gte(columns.startTime, instant('since', since)))
  if (until !== undefined) conditions.push(lt(columns.startTime, instant('until', until)))
  return and(...conditions)
}

function instant(field: string, value: Instant): string {
  const micros = typeof value === 'string' ? microsFromIso(value) : value.getTime() * 1000
  if (micros >= 0) return isoFromMicros(micros)
  throw new ValidationError('Invalid filter', [
    { field, message: 'must be a Date or ISO-8601 in UTC, such as 2026-11-20T10:03:00Z' },
  ])
}
