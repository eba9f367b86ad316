import type { Tables } from '../../schema/tables.ts'
import type { Buckets } from '../../schema/values.ts'

/** What a merged histogram holds. */
export interface Histogram {
  readonly count: number
  readonly sum: number | null
  readonly min: number | null
  readonly max: number | null
  /** Ranges of values from low to high, and how many values lie in each; those without bound are infinite. */
  readonly ranges: readonly { readonly from: number; readonly to: number; readonly count: number }[]
}

/** A point of a histogram. */
export interface HistogramPoint {
  readonly count: number | null
  readonly sum: number | null
  readonly min: number | null
  readonly max: number | null
  readonly buckets: Buckets | null
}

/** The columns of a point that say what was measured, and of which time series it belongs to. */
export function histogramColumns({ metricPoints }: Tables) {
  const { pointId, time, startTime, temporality, count, sum, min, max, buckets } = metricPoints
  const { serviceName, environment, attributes, resource, scope } = metricPoints
  const measured = { pointId, time, startTime, temporality, count, sum, min, max, buckets }
  return { ...measured, serviceName, environment, attributes, resource, scope }
}

/**
 * Adds up histograms bucket by bucket, whatever their bounds: ranges of equal bounds are added, others stand side by
 * side. Exponential buckets of different scales overlap then, and a percentile still lies within the right ones.
 */
export class HistogramSum {
  #count = 0
  #sum: number | null = null
  #min: number | null = null
  #max: number | null = null
  readonly #ranges = new Map<string, { from: number; to: number; count: number }>()

  add({ count, sum, min, max, buckets }: HistogramPoint): void {
    this.#count += count ?? 0
    if (sum !== null) this.#sum = (this.#sum ?? 0) + sum
    if (min !== null) this.#min = Math.min(this.#min ?? min, min)
    if (max !== null) this.#max = Math.max(this.#max ?? max, max)
    if (buckets === null) return
    for (const [from, to, counted] of rangesOf(buckets)) {
      if (counted === 0) continue
      const key = `${from} ${to}`
      const range = this.#ranges.get(key)
      if (range) range.count += counted
      else this.#ranges.set(key, { from, to, count: counted })
    }
  }

  get total(): Histogram {
    const ranges = [...this.#ranges.values()].sort((a, b) => a.to - b.to || a.from - b.from)
    return { count: this.#count, sum: this.#sum, min: this.#min, max: this.#max, ranges }
  }
}

function* rangesOf(buckets: Buckets): Generator<readonly [from: number, to: number, count: number]> {
  if (!('scale' in buckets)) {
    const { bounds, counts } = buckets
    for (let i = 0; i < counts.length; i += 1) {
      yield [bounds[i - 1] ?? Number.NEGATIVE_INFINITY, bounds[i] ?? Number.POSITIVE_INFINITY, counts[i] ?? 0]
    }
    return
  }
  const { scale, zeroCount, zeroThreshold = 0, positive, negative } = buckets
  const bound = (index: number) => 2 ** (index * 2 ** -scale)
  for (const [i, count] of (negative?.counts ?? []).entries()) {
    const index = (negative?.offset ?? 0) + i
    yield [-bound(index + 1), -bound(index), count]
  }
  yield [-zeroThreshold, zeroThreshold, zeroCount]
  for (const [i, count] of (positive?.counts ?? []).entries()) {
    const index = (positive?.offset ?? 0) + i
    yield [bound(index), bound(index + 1), count]
  }
}

/**
 * A percentile of a histogram, interpolated within its bucket: the value below which so many of the measurements lie.
 * The outermost buckets end at the least and the greatest value, where these are known, else at their inner bound.
 * Null of nothing.
 *
 * @param fraction 0 to 1
 */
export function percentileOf({ ranges, min, max }: Histogram, fraction: number): number | null {
  const counted = ranges.reduce((sum, { count }) => sum + count, 0)
  const wanted = fraction * counted
  let below = 0
  for (const { from, to, count } of ranges) {
    if (below + count >= wanted) {
      const low = Math.max(from, min ?? (Number.isFinite(from) ? from : to))
      const high = Math.min(to, max ?? (Number.isFinite(to) ? to : from))
      const share = Math.min(1, Math.max(0, (wanted - below) / count))
      return low >= high ? high : low + (high - low) * share
    }
    below += count
  }
  return null
}
