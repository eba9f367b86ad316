import type { ExponentialCounts } from '../../schema/values.ts'
import type { Fault } from '../errors.ts'
import type { AcceptedRow } from '../rows/accepted-row.ts'
import type { MetricPointRecord } from '../rows/records.ts'
import type { Checked } from './accept.ts'

/** OTLP's flag of a point without a recorded value. */
const nothingRecorded = 1

/** The row of a point, or its faults across columns. */
export function checkedPoint(row: AcceptedRow, point: MetricPointRecord): Checked {
  const faults = [...faultsOf(point)]
  return faults.length > 0 ? faults : row
}

function* faultsOf(point: MetricPointRecord): Generator<Fault> {
  const { type = 'gauge', value, buckets, quantiles, flags, attributeTypes } = point
  if (type === 'counter' || type === 'gauge') {
    // NaN and the infinities are null with a note: JSON has no number for them.
    const isNoted = attributeTypes?.['/value'] !== undefined
    const isEmpty = ((flags ?? 0) & nothingRecorded) !== 0
    if (absent(value) && !isNoted && !isEmpty) yield { field: 'value', message: `is required of a ${type}` }
  }
  if (!absent(buckets)) yield* bucketFaults(buckets, point.count)
  if (!absent(quantiles)) yield* quantileFaults(quantiles)
}

const absent = (value: unknown): value is null | undefined => value === null || value === undefined
/** An object whose members nobody has checked. */
type Unknowns = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Unknowns => typeof value === 'object' && value !== null
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const areCounts = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(isCount)
const total = (counts: readonly number[]) => counts.reduce((sum, each) => sum + each, 0)

const isHalf = (half: unknown): half is ExponentialCounts | undefined => {
  if (!isObject(half)) return half === undefined
  return Number.isSafeInteger(half.offset) && areCounts(half.counts)
}

/** @see https://opentelemetry.io/docs/specs/otel/metrics/data-model/#histogram */
function* bucketFaults(buckets: unknown, count: number | null | undefined): Generator<Fault> {
  const fault = (message: string): Fault => ({ field: 'buckets', message })
  if (!isObject(buckets)) {
    yield fault('must be an object')
    return
  }
  let counted: number
  if ('scale' in buckets) {
    const { scale, zeroCount, positive, negative } = buckets
    if (!Number.isInteger(scale)) yield fault('must have an integer scale')
    if (!isHalf(positive) || !isHalf(negative)) {
      yield fault('must have an integer offset and counts of 0 or more in positive and negative, where there are such')
      return
    }
    if (!isCount(zeroCount)) {
      yield fault('must have a zeroCount that is an integer, 0 or more')
      return
    }
    counted = zeroCount + total(positive?.counts ?? []) + total(negative?.counts ?? [])
  } else {
    const { bounds, counts } = buckets
    if (!areCounts(counts)) {
      yield fault('must have counts that are integers, 0 or more')
      return
    }
    if (!Array.isArray(bounds) || !bounds.every((bound) => Number.isFinite(bound))) {
      yield fault('must have bounds that are finite numbers')
      return
    }
    if (bounds.some((bound, i) => i > 0 && bound <= (bounds[i - 1] as number))) yield fault('must have rising bounds')
    // A histogram without buckets has neither.
    const fits = counts.length === bounds.length + 1 || (counts.length === 0 && bounds.length === 0)
    if (!fits) yield fault(`must have ${bounds.length + 1} counts for ${bounds.length} bounds`)
    if (counts.length === 0) return
    counted = total(counts)
  }
  if (absent(count)) yield { field: 'count', message: 'is required beside buckets' }
  else if (counted !== count) yield fault(`must have counts whose sum is the count`)
}

function* quantileFaults(quantiles: unknown): Generator<Fault> {
  const fits = Array.isArray(quantiles) && quantiles.every(isQuantile)
  if (!fits) yield { field: 'quantiles', message: 'must be of 0 to 1 and have finite values' }
}

function isQuantile(each: unknown): boolean {
  if (!isObject(each)) return false
  const { quantile, value } = each
  return typeof quantile === 'number' && quantile >= 0 && quantile <= 1 && (value === null || Number.isFinite(value))
}
