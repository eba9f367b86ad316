import type { MetricPointRow, MetricRow, Tables } from '../../schema/tables.ts'
import { columnsWithout, type InternalColumn, internalColumns } from './columns.ts'

const heavyColumns = ['exemplars', 'attributeTypes', 'resource', 'scope'] as const

/** What a metric means. */
export type Metric = Omit<MetricRow, InternalColumn>

/** A point of a metric as it is stored. */
export type MetricPoint = Omit<MetricPointRow, InternalColumn | 'document'>

/** A point as lists show it: without exemplars, resource and scope. */
export type MetricPointSummary = Omit<MetricPoint, (typeof heavyColumns)[number]>

/** The columns of a metric. */
export const metricColumns = (metrics: Tables['metrics']) => columnsWithout(metrics, ...internalColumns)

/** The columns of a point. */
export const pointColumns = ({ metricPoints }: Tables) => columnsWithout(metricPoints, ...internalColumns, 'document')

/** The columns of a point as lists show it. */
export const pointSummaryColumns = ({ metricPoints }: Tables) =>
  columnsWithout(metricPoints, ...internalColumns, 'document', ...heavyColumns)
