import { aliasedTable, and, eq, or, type SQL, sql } from 'drizzle-orm'
import { type MetricCategory, type MetricType, metricCategories, metricTypes } from '../../schema/values.ts'
import type { Instant } from '../rows/records.ts'
import type { JsonPredicate, NumberMatch, OneOf, Range, TagsMatch, TextMatch } from './filters.ts'
import { matchText } from './predicates/columns.ts'
import type { FilterScope } from './predicates/compile.ts'
import { checkedNeedle } from './predicates/values.ts'
import { compileFields, type FieldKinds, fieldsOf, type TimeFilter } from './record-filter.ts'

const definitionKinds: FieldKinds = {
  ...fieldsOf({ text: ['name', 'unit', 'description'], bool: ['lowerIsBetter'], json: ['metadata'] }),
  type: metricTypes,
  category: metricCategories,
}

/** Which metrics. Every condition must hold; what is left out does not filter. */
export interface MetricFilter {
  readonly name?: TextMatch | undefined
  /** Names that match: `*` stands for any characters, `?` for one. ASCII letters match in any case. */
  readonly pattern?: string | undefined
  readonly type?: OneOf<MetricType> | undefined
  readonly category?: OneOf<MetricCategory | null> | undefined
  readonly unit?: TextMatch | undefined
  readonly description?: TextMatch | undefined
  readonly lowerIsBetter?: boolean | undefined
  /** Described by this service, or with points of it. */
  readonly serviceName?: TextMatch | undefined
  readonly metadata?: OneOf<JsonPredicate> | undefined
}

/** The predicate of a filter of metrics. */
export function compileMetricFilter(scope: FilterScope, filter: MetricFilter): SQL | undefined {
  const { db, dialect, tables } = scope.pool
  const { metrics } = tables
  return compileFields(scope, metrics, definitionKinds, filter, {
    pattern: (wanted, field) => {
      const like = checkedNeedle(wanted, field).replace(/[!%_*?]/g, (mark) => marks[mark] ?? `!${mark}`)
      return sql`lower(${metrics.name}) like lower(${like}) escape '!'`
    },
    serviceName: (wanted, field) => {
      const points = aliasedTable(tables.metricPoints, 'reported')
      const isReported = dialect.hasMatch(metrics.name, points.metricName, (name, on) =>
        db
          .select({ name })
          .from(points)
          .where(and(eq(points.projectId, scope.projectId), on, matchText(dialect, points.serviceName, wanted, field))),
      )
      return or(matchText(dialect, metrics.serviceName, wanted, field), isReported)
    },
  })
}

const marks: Readonly<Record<string, string>> = { '*': '%', '?': '_' }

const pointText = ['pointId', 'metricName', 'serviceName', 'environment'] as const

const pointKinds: FieldKinds = {
  ...fieldsOf({
    text: pointText,
    number: ['value', 'count', 'sum', 'min', 'max'],
    instant: ['time', 'startTime'],
    tags: ['tags'],
    json: ['attributes', 'metadata', 'resource', 'scope'],
  }),
  type: metricTypes,
}

/** Which points. Every condition must hold; what is left out does not filter. */
export interface PointFilter extends TimeFilter, Partial<Record<(typeof pointText)[number], TextMatch | undefined>> {
  readonly type?: OneOf<MetricType> | undefined
  readonly value?: NumberMatch | undefined
  readonly count?: NumberMatch | undefined
  readonly sum?: NumberMatch | undefined
  readonly min?: NumberMatch | undefined
  readonly max?: NumberMatch | undefined
  readonly time?: Range<Instant> | undefined
  readonly startTime?: Range<Instant> | undefined
  readonly tags?: TagsMatch | undefined
  readonly attributes?: OneOf<JsonPredicate> | undefined
  readonly metadata?: OneOf<JsonPredicate> | undefined
  readonly resource?: OneOf<JsonPredicate> | undefined
  readonly scope?: OneOf<JsonPredicate> | undefined
}

/** The predicate of a filter of points. */
export const compilePointFilter = (scope: FilterScope, filter: PointFilter): SQL | undefined =>
  compileFields(scope, scope.pool.tables.metricPoints, pointKinds, filter)
