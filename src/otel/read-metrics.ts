import type { ContentIds } from '../formats/content-id.ts'
import { readOtlpMetrics } from '../formats/otlp/metrics-read.ts'
import type { ReadResult } from '../formats/read-result.ts'
import { keyValues } from './any-value.ts'
import { resourceOf, scopeOf } from './origins.ts'
import type { ResourceMetrics, SdkDataPoint, SdkMetric } from './sdk.ts'

/**
 * The records of metrics, as the importer reads them from the request that the SDK's own exporter sends.
 *
 * @param ids of everything that the exporter sends
 */
export function readMetrics({ resource, scopeMetrics }: ResourceMetrics, ids: ContentIds): ReadResult {
  const resourceMetrics = [
    {
      ...resourceOf(resource),
      scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({ ...scopeOf(scope), metrics: metrics.map(otlpMetric) })),
    },
  ]
  return readOtlpMetrics({ resourceMetrics }, ids)
}

/** The SDK's kinds of points and OTLP's names for them, in the SDK's order. */
const shapes = ['histogram', 'exponentialHistogram', 'gauge', 'sum'] as const

/** A value type of whole numbers. */
const isWhole = 0

function otlpMetric({ descriptor, aggregationTemporality, dataPointType, dataPoints, isMonotonic }: SdkMetric): object {
  const { name, description, unit, valueType } = descriptor
  const shape = shapes[dataPointType]
  const described = { name, description, unit }
  // A kind that is new to us: the reader rejects it by name.
  if (shape === undefined) return described
  const numberAs = valueType === isWhole ? 'asInt' : 'asDouble'
  return {
    ...described,
    [shape]: {
      // Of the SDK 0 is delta and 1 cumulative, in OTLP 1 and 2.
      ...(shape !== 'gauge' && { aggregationTemporality: aggregationTemporality + 1 }),
      ...(shape === 'sum' && { isMonotonic }),
      dataPoints: dataPoints.map((point) => otlpPoint(point, shape, numberAs)),
    },
  }
}

function otlpPoint(point: SdkDataPoint, shape: (typeof shapes)[number], numberAs: 'asInt' | 'asDouble'): object {
  return {
    attributes: keyValues(point.attributes),
    startTimeUnixNano: point.startTime,
    timeUnixNano: point.endTime,
    exemplars: point.exemplars?.map((exemplar) => ({
      timeUnixNano: exemplar.timestamp,
      [numberAs]: exemplar.value,
      filteredAttributes: keyValues(exemplar.filteredAttributes),
      traceId: exemplar.traceId,
      spanId: exemplar.spanId,
    })),
    ...measured(point.value, shape, numberAs),
  }
}

/** A histogram of the SDK, of either kind. */
interface SdkHistogram {
  readonly count: number
  readonly sum?: number
  readonly min?: number
  readonly max?: number
  readonly buckets: { readonly boundaries: readonly number[]; readonly counts: readonly number[] }
  readonly scale: number
  readonly zeroCount: number
  readonly positive: object
  readonly negative: object
}

function measured(value: unknown, shape: (typeof shapes)[number], numberAs: 'asInt' | 'asDouble'): object {
  if (shape === 'gauge' || shape === 'sum') return { [numberAs]: value }
  // A point without a value is rejected by the reader.
  const histogram: Partial<SdkHistogram> = value ?? {}
  const { count, sum, min, max, buckets, scale, zeroCount, positive, negative } = histogram
  const summed = { count, sum, min, max }
  return shape === 'histogram'
    ? { ...summed, bucketCounts: buckets?.counts, explicitBounds: buckets?.boundaries }
    : { ...summed, scale, zeroCount, positive, negative }
}
