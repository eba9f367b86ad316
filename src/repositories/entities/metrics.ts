import { aliasedTable, and, eq, isNotNull, isNull, or, sql } from 'drizzle-orm'
import type { MetricPointRow, MetricRow } from '../../../schema/tables.ts'
import { matchText } from '../filters/columns.ts'
import type { CombinedFilter, FieldFilter, Fields, TextMatch, TimeFilter } from '../filters/match.ts'
import { checkedNeedle } from '../filters/values.ts'
import type { Entity, OwnCondition } from './entity.ts'

/** The columns that metrics are filtered by. */
export const metricFields = {
  name: 'text',
  descriptionId: 'text',
  type: 'enum',
  category: 'enum',
  unit: 'text',
  description: 'text',
  lowerIsBetter: 'bool',
  metadata: 'json',
} as const satisfies Fields

/** Which metrics. Every condition must hold; what is left out does not filter. */
export interface MetricFilter extends FieldFilter<typeof metricFields, MetricRow>, CombinedFilter<MetricFilter> {
  /** Names that match: `*` matches any characters, `?` matches one. ASCII letters match in any case. */
  readonly pattern?: string | undefined
  /** Described by this service, or with points of it. */
  readonly serviceName?: TextMatch | undefined
}

const pattern: OwnCondition = ({ column }, wanted, field) => {
  const like = checkedNeedle(wanted, field).replace(/[!%_*?]/g, (mark) => likeMarks[mark] ?? `!${mark}`)
  return sql`lower(${column('name')}) like lower(${like}) escape '!'`
}

const likeMarks: Readonly<Record<string, string>> = { '*': '%', '?': '_' }

const serviceName: OwnCondition = ({ scope, column }, wanted, field) => {
  const { db, dialect, tables } = scope.pool
  const points = aliasedTable(tables.metricPoints, 'reported')
  const isOfService = and(eq(points.projectId, scope.projectId), matchText(dialect, points.serviceName, wanted, field))
  const isReportedByName = dialect.hasMatch(column('name'), points.metricName, (found, on) =>
    db
      .select({ found })
      .from(points)
      .where(and(isOfService, on, isNull(points.descriptionId))),
  )
  const isReported = dialect.hasMatch(column('descriptionId'), points.descriptionId, (found, on) => {
    // The id alone says which metric it is: the name finds its points by their index, where rows are looked up.
    const isNamed = on && eq(points.metricName, column('name'))
    return db
      .select({ found })
      .from(points)
      .where(and(isOfService, on, isNamed, isNotNull(points.descriptionId)))
  })
  return or(matchText(dialect, column('serviceName'), wanted, field), isReportedByName, isReported)
}

const metricOrders = { name: 'name' } as const

/** What metrics can be ordered by. */
export type MetricOrder = keyof typeof metricOrders

/** Metrics as they are filtered and listed. */
export const metricEntity = {
  fields: metricFields,
  conditions: { pattern, serviceName },
  keys: ['name', 'descriptionId'],
  orders: metricOrders,
  direction: 'asc',
} as const satisfies Entity<MetricOrder>

/** The columns that points of metrics are filtered by. */
export const pointFields = {
  pointId: 'text',
  metricName: 'text',
  descriptionId: 'text',
  type: 'enum',
  time: 'instant',
  startTime: 'instant',
  value: 'number',
  count: 'number',
  sum: 'number',
  min: 'number',
  max: 'number',
  serviceName: 'text',
  environment: 'text',
  tags: 'tags',
  metadata: 'json',
  attributes: 'json',
  resource: 'json',
  scope: 'json',
} as const satisfies Fields

/** Which points of metrics. Every condition must hold; what is left out does not filter. */
export interface PointFilter
  extends FieldFilter<typeof pointFields, MetricPointRow>,
    TimeFilter,
    CombinedFilter<PointFilter> {}

const pointOrders = { time: 'time', value: 'value' } as const

/** What points can be ordered by. `time` is answered by an index for one metric; `value` sorts what the filter leaves. */
export type PointOrder = keyof typeof pointOrders

/** Points of metrics as they are filtered and listed. */
export const pointEntity = {
  time: 'time',
  fields: pointFields,
  keys: ['pointId'],
  orders: pointOrders,
} as const satisfies Entity<PointOrder>
