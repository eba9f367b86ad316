import { and, sql } from 'drizzle-orm'
import { errorSeverity } from '../../../schema/logs.ts'
import type { LogRow } from '../../../schema/tables.ts'
import type { CombinedFilter, FieldFilter, Fields, OneOf, TimeFilter } from '../filters/match.ts'
import { parseSearch } from '../filters/search.ts'
import { checkedList, filterFault } from '../filters/values.ts'
import { type LogLevel, logLevels } from '../log-levels.ts'
import type { Entity, OwnCondition } from './entity.ts'

/** The columns that logs are filtered by. */
export const logFields = {
  logId: 'text',
  /** 1 to 24. */
  severity: 'number',
  severityText: 'text',
  bodyText: 'text',
  /** A structured body. */
  body: 'json',
  eventName: 'text',
  traceId: 'text',
  spanId: 'text',
  serviceName: 'text',
  environment: 'text',
  time: 'instant',
  observedTime: 'instant',
  attributes: 'json',
  resource: 'json',
  scope: 'json',
} as const satisfies Fields

/** Which logs. Every condition must hold; what is left out does not filter. */
export interface LogFilter extends FieldFilter<typeof logFields, LogRow>, TimeFilter, CombinedFilter<LogFilter> {
  /** At least this severity (1 to 24), or level. */
  readonly minSeverity?: number | LogLevel | undefined
  /** Of one of these levels. */
  readonly level?: OneOf<LogLevel> | undefined
  /**
   * Full-text search of the body by an index: words, `"phrases"`, `-exclusions`. Equal on every engine for words of
   * ASCII letters and digits.
   */
  readonly search?: string | undefined
}

// Bounds are written out, and with the very words of the index of errors, which is only used for them.
const minSeverity: OwnCondition = ({ column }, wanted, field) => {
  const least = severityOf(wanted, field)
  const bound = (severity: number) => sql`${column('severity')} >= ${sql.raw(String(severity))}`
  return and(least > errorSeverity ? bound(errorSeverity) : undefined, bound(least))
}

const level: OwnCondition = ({ column }, wanted, field) => {
  const levels = Array.isArray(wanted) ? checkedList(wanted, field) : [wanted]
  const severities = new Set(levels.map((level) => severityOf(level, field)))
  const ranges = Array.from(severities, (first) => {
    return sql`${column('severity')} between ${sql.raw(String(first))} and ${sql.raw(String(first + 3))}`
  })
  return ranges.length === 0 ? sql`false` : sql`(${sql.join(ranges, sql` or `)})`
}

const search: OwnCondition = ({ scope, column, useOwnIndex }, wanted, field) => {
  useOwnIndex()
  const columns = { bodyText: column('bodyText'), rowNumber: column('rowNumber'), searchText: column('searchText') }
  return scope.pool.dialect.search.matches(columns, parseSearch(wanted, field))
}

function severityOf(wanted: unknown, field: string): number {
  if (typeof wanted === 'string' && Object.hasOwn(logLevels, wanted)) return logLevels[wanted as LogLevel]
  const takesNumbers = field.endsWith('minSeverity')
  if (takesNumbers && Number.isInteger(wanted) && Number(wanted) >= 1 && Number(wanted) <= 24) return Number(wanted)
  const levels = Object.keys(logLevels).join(', ')
  throw filterFault(field, takesNumbers ? `must be from 1 to 24, or one of ${levels}` : `must be among ${levels}`)
}

const orders = { time: 'time', severity: 'severity' } as const

/** What logs can be ordered by. `time` is answered by an index; `severity` sorts what the filter leaves. */
export type LogOrder = keyof typeof orders

/** Logs as they are filtered and listed. */
export const logEntity = {
  time: 'time',
  fields: logFields,
  conditions: { minSeverity, level, search },
  keys: ['logId'],
  orders,
} as const satisfies Entity<LogOrder>
