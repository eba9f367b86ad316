import type { MetricPointRow, MetricRow } from '../../../schema/tables.ts'
import { type AttributeTypes, type Exemplar, type ExponentialCounts, temporalities } from '../../../schema/values.ts'
import type { OtlpAnyValue, OtlpKeyValue } from './document.ts'
import { nanosFromIso } from './fields.ts'
import { groupByOrigin, type OtlpOrigin } from './origin-groups.ts'
import { writeAttributes, writeKeyValue } from './write-value.ts'

/** An OTLP/JSON metrics document in canonical form. See opentelemetry/proto/collector/metrics/v1. */
export interface OtlpMetricsDocument {
  resourceMetrics: {
    resource?: OtlpOrigin
    scopeMetrics: { scope?: OtlpOrigin; metrics: OtlpMetric[]; schemaUrl?: string }[]
    schemaUrl?: string
  }[]
}

/** One metric: one of the shapes, with its points. */
export interface OtlpMetric {
  name: string
  description?: string
  unit?: string
  metadata?: OtlpKeyValue[]
  gauge?: OtlpData
  sum?: OtlpData & { isMonotonic?: boolean }
  histogram?: OtlpData
  exponentialHistogram?: OtlpData
  summary?: OtlpData
}

interface OtlpData {
  aggregationTemporality?: number
  dataPoints: Record<string, unknown>[]
}

/** A point as the database gives it back. */
export type StoredPoint = Omit<MetricPointRow, 'projectId' | 'document' | 'writtenAt' | 'commitSeq'>

/** What a metric's description adds to its points. */
export type Described = Pick<
  MetricRow,
  'name' | 'descriptionId' | 'unit' | 'description' | 'metadata' | 'attributeTypes'
>

/**
 * One OTLP/JSON `ExportMetricsServiceRequest` of points, grouped by resource, scope and metric.
 *
 * @param metrics what the metrics mean; a metric that nobody described goes without unit and description
 */
export function writeOtlpMetrics(points: readonly StoredPoint[], metrics: readonly Described[]): OtlpMetricsDocument {
  const described = new Descriptions(metrics)
  const resourceMetrics = groupByOrigin(points).map(({ head, scopes }) => ({
    ...head,
    scopeMetrics: Array.from(scopes.values(), (scope) => ({
      ...scope.head,
      metrics: Array.from(byMetric(scope.rows).values(), (rows) => writeMetric(rows, described)),
    })),
  }))
  return { resourceMetrics }
}

/** What metrics mean. A point without a description of its own has that of its name. */
class Descriptions {
  readonly #byId = new Map<string, Described>()
  readonly #byName = new Map<string, Described>()

  constructor(metrics: readonly Described[]) {
    for (const metric of metrics) {
      this.#byId.set(JSON.stringify([metric.name, metric.descriptionId]), metric)
      if (metric.descriptionId === '' || !this.#byName.has(metric.name)) this.#byName.set(metric.name, metric)
    }
  }

  of({ metricName, descriptionId }: StoredPoint): Described | undefined {
    return this.#byId.get(JSON.stringify([metricName, descriptionId])) ?? this.#byName.get(metricName)
  }
}

type Points = readonly [StoredPoint, ...StoredPoint[]]

function byMetric(points: readonly StoredPoint[]): Map<string, Points> {
  const groups = new Map<string, [StoredPoint, ...StoredPoint[]]>()
  for (const point of points) {
    const key = JSON.stringify([
      point.metricName,
      point.descriptionId,
      shapeOf(point),
      point.temporality,
      point.isMonotonic,
    ])
    const group = groups.get(key)
    if (group) group.push(point)
    else groups.set(key, [point])
  }
  return groups
}

function shapeOf({ type, buckets }: StoredPoint) {
  if (type === 'counter') return 'sum'
  if (type === 'histogram') return buckets !== null && 'scale' in buckets ? 'exponentialHistogram' : 'histogram'
  return type
}

function writeMetric(points: Points, described: Descriptions): OtlpMetric {
  const [{ metricName: name, temporality, isMonotonic }] = points
  const metric = described.of(points[0])
  const metadata = metric?.metadata && writeAttributes(metric.metadata, '/metadata', metric.attributeTypes)
  const number = temporality === null ? 0 : temporalities.indexOf(temporality)
  const data = {
    ...(number && { aggregationTemporality: number }),
    ...(isMonotonic && { isMonotonic }),
    dataPoints: points.map(writePoint),
  }
  return {
    name,
    ...(metric?.description && { description: metric.description }),
    ...(metric?.unit && { unit: metric.unit }),
    ...(metadata && { metadata }),
    [shapeOf(points[0])]: data,
  }
}

function writePoint(point: StoredPoint): Record<string, unknown> {
  const { attributeTypes: types, startTime, exemplars, flags } = point
  const attributes = writeAttributes(point.attributes, '/attributes', types)
  return {
    ...(attributes.length > 0 && { attributes }),
    ...(startTime !== null && { startTimeUnixNano: nanosFromIso(startTime) }),
    ...(types?.['/time'] !== 'empty' && { timeUnixNano: nanosFromIso(point.time) }),
    ...(point.type === 'counter' || point.type === 'gauge'
      ? writeValue(point.exactValue ?? point.value, '/value', types)
      : writeCounted(point)),
    ...(exemplars !== null && exemplars.length > 0 && { exemplars: writeExemplars(exemplars, types) }),
    ...(flags && { flags }),
  }
}

function writeValue(value: number | string | null, pointer: string, types: AttributeTypes | null) {
  const any: OtlpAnyValue = writeKeyValue('', value, pointer, types).value ?? {}
  if (any.intValue !== undefined) return { asInt: any.intValue }
  return any.doubleValue === undefined ? {} : { asDouble: any.doubleValue }
}

const double = (value: number | null, pointer: string, types: AttributeTypes | null) =>
  value === null || types?.[pointer] !== undefined ? writeKeyValue('', value, pointer, types).value?.doubleValue : value

function writeCounted({ type, count, sum, min, max, buckets, quantiles, attributeTypes: types }: StoredPoint) {
  const total = double(sum, '/sum', types)
  const least = double(min, '/min', types)
  const most = double(max, '/max', types)
  return {
    ...(count && { count: String(count) }),
    // Zero is what a summary without a sum has; a histogram may have none.
    ...(total !== undefined && (total !== 0 || type === 'histogram') && { sum: total }),
    ...(least !== undefined && { min: least }),
    ...(most !== undefined && { max: most }),
    ...(buckets !== null && ('scale' in buckets ? writeExponential(buckets) : writeExplicit(buckets))),
    ...(quantiles !== null && {
      quantileValues: quantiles.map(({ quantile, value }, i) => {
        const written = double(value, `/quantiles/${i}/value`, types)
        return { ...(quantile && { quantile }), ...(written && { value: written }) }
      }),
    }),
  }
}

function writeExplicit({ bounds, counts }: { bounds: readonly number[]; counts: readonly number[] }) {
  return {
    ...(counts.length > 0 && { bucketCounts: counts.map(String) }),
    ...(bounds.length > 0 && { explicitBounds: bounds }),
  }
}

type Exponential = Extract<NonNullable<StoredPoint['buckets']>, { scale: number }>

function writeExponential({ scale, zeroCount, zeroThreshold, positive, negative }: Exponential) {
  const half = ({ offset, counts }: ExponentialCounts) => ({
    ...(offset && { offset }),
    ...(counts.length > 0 && { bucketCounts: counts.map(String) }),
  })
  return {
    ...(scale && { scale }),
    ...(zeroCount && { zeroCount: String(zeroCount) }),
    ...(zeroThreshold && { zeroThreshold }),
    ...(positive && { positive: half(positive) }),
    ...(negative && { negative: half(negative) }),
  }
}

const writeExemplars = (exemplars: readonly Exemplar[], types: AttributeTypes | null) =>
  exemplars.map(({ time, value, traceId, spanId, attributes }, i) => {
    const timeUnixNano = nanosFromIso(time)
    return {
      ...(attributes && { filteredAttributes: writeAttributes(attributes, `/exemplars/${i}/attributes`, types) }),
      ...(timeUnixNano !== '0' && { timeUnixNano }),
      ...writeValue(value, `/exemplars/${i}/value`, types),
      ...(spanId && { spanId }),
      ...(traceId && { traceId }),
    }
  })
