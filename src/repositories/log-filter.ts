import { and, type SQL, sql } from 'drizzle-orm'
import { errorSeverity } from '../../schema/logs.ts'
import type { Instant } from '../rows/records.ts'
import type { JsonPredicate, NumberMatch, OneOf, Range, TextMatch } from './filters.ts'
import { type LogLevel, logLevels } from './log-levels.ts'
import { parseSearch } from './log-search.ts'
import type { FilterScope } from './predicates/compile.ts'
import { checkedList, filterFault } from './predicates/values.ts'
import { compileFields, type FieldKinds, fieldsOf, type TimeFilter } from './record-filter.ts'

const textFields = [
  'logId',
  'severityText',
  'bodyText',
  'eventName',
  'traceId',
  'spanId',
  'serviceName',
  'environment',
] as const

const kinds: FieldKinds = fieldsOf({
  text: textFields,
  number: ['severity'],
  instant: ['time', 'observedTime'],
  json: ['attributes', 'resource', 'scope', 'body'],
})

/** Which logs. Every condition must hold; what is left out does not filter. */
export interface LogFilter extends TimeFilter, Partial<Record<(typeof textFields)[number], TextMatch | undefined>> {
  /** 1 to 24. */
  readonly severity?: NumberMatch | undefined
  /** At least this severity (1 to 24), or level. */
  readonly minSeverity?: number | LogLevel | undefined
  /** Of one of these levels. */
  readonly level?: OneOf<LogLevel> | undefined
  readonly time?: Range<Instant> | undefined
  readonly observedTime?: Range<Instant> | undefined
  readonly attributes?: OneOf<JsonPredicate> | undefined
  readonly resource?: OneOf<JsonPredicate> | undefined
  readonly scope?: OneOf<JsonPredicate> | undefined
  /** A structured body. */
  readonly body?: OneOf<JsonPredicate> | undefined
  /**
   * Full-text search of the body by an index: words, `"phrases"`, `-exclusions`. Equal on every engine for words of
   * ASCII letters and digits.
   */
  readonly search?: string | undefined
}

/** The predicate of a filter of logs. */
export function compileLogFilter(scope: FilterScope, filter: LogFilter): SQL | undefined {
  const { logs } = scope.pool.tables
  return compileFields(scope, logs, kinds, filter, {
    minSeverity: (wanted, field) => atLeast(severityOf(wanted, field)),
    level: (wanted, field) => {
      const levels = Array.isArray(wanted) ? checkedList(wanted, field) : [wanted]
      const severities = new Set(levels.map((level) => severityOf(level, field)))
      const ranges = Array.from(severities, (first) => {
        return sql`${logs.severity} between ${sql.raw(String(first))} and ${sql.raw(String(first + 3))}`
      })
      return ranges.length === 0 ? sql`false` : sql`(${sql.join(ranges, sql` or `)})`
    },
    search: (wanted, field) => scope.pool.dialect.search.matches(logs, parseSearch(wanted, field)),
  })

  // Written out, and with the very words of the index of errors, which is only used for them.
  function atLeast(least: number): SQL | undefined {
    const bound = (severity: number) => sql`${logs.severity} >= ${sql.raw(String(severity))}`
    return and(least > errorSeverity ? bound(errorSeverity) : undefined, bound(least))
  }
}

function severityOf(wanted: unknown, field: string): number {
  if (typeof wanted === 'string' && Object.hasOwn(logLevels, wanted)) return logLevels[wanted as LogLevel]
  if (Number.isInteger(wanted) && Number(wanted) >= 1 && Number(wanted) <= 24 && field === 'minSeverity') {
    return Number(wanted)
  }
  const levels = Object.keys(logLevels).join(', ')
  throw filterFault(field, field === 'level' ? `must be among ${levels}` : `must be from 1 to 24, or one of ${levels}`)
}
