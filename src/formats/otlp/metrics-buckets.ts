import type { Buckets, ExponentialCounts } from '../../../schema/values.ts'
import { absent, optionalCount, optionalObject, readItems, ShapeError, type Unknowns } from '../shape-error.ts'
import { camelCaseMembers } from './camel-case-members.ts'

/**
 * The explicit buckets of an OTLP histogram point; null where it has none.
 *
 * @param count the measurements of the point
 * @throws ShapeError for buckets that fit neither each other nor the count
 */
export function readBuckets(point: Unknowns, count: number): Buckets | null {
  const counts = readItems(point.bucketCounts, 'bucketCounts', (each) => optionalCount(each, ''))
  const bounds = readItems(point.explicitBounds, 'explicitBounds', readFinite)
  if (counts.length === 0 && bounds.length === 0) return null
  if (counts.length > 0 && counts.length !== bounds.length + 1) {
    throw new ShapeError('bucketCounts', 'are not one more than the bounds')
  }
  if (bounds.some((bound, i) => i > 0 && bound <= (bounds[i - 1] as number))) {
    throw new ShapeError('explicitBounds', 'do not rise')
  }
  checkSum(counts, count)
  return { bounds, counts }
}

/**
 * The buckets of an OTLP exponential histogram point.
 *
 * @param count the measurements of the point
 * @throws ShapeError for buckets that do not fit the count
 */
export function readExponentialBuckets(point: Unknowns, count: number): Buckets {
  const positive = readHalf(point, 'positive')
  const negative = readHalf(point, 'negative')
  const zeroThreshold = absent(point.zeroThreshold) ? 0 : readFinite(point.zeroThreshold)
  const zeroCount = optionalCount(point.zeroCount, 'zeroCount')
  const counts = [zeroCount, ...(positive?.counts ?? []), ...(negative?.counts ?? [])]
  if (positive !== undefined || negative !== undefined) checkSum(counts, count)
  return {
    scale: readInteger(point.scale, 'scale'),
    zeroCount,
    ...(zeroThreshold && { zeroThreshold }),
    ...(positive && { positive }),
    ...(negative && { negative }),
  }
}

/** Buckets hold every measurement once. A count that is not there says nothing. */
function checkSum(counts: readonly number[], count: number): void {
  const sum = counts.reduce((total, each) => total + each, 0)
  if (counts.length > 0 && count > 0 && sum !== count)
    throw new ShapeError('bucketCounts', 'do not add up to the count')
}

function readHalf(point: Unknowns, member: 'positive' | 'negative'): ExponentialCounts | undefined {
  const half = camelCaseMembers(optionalObject(point[member], member))
  const offset = readInteger(half.offset, `${member}.offset`)
  const counts = readItems(half.bucketCounts, `${member}.bucketCounts`, (each) => optionalCount(each, ''))
  return counts.length === 0 && offset === 0 ? undefined : { offset, counts }
}

/** Signed 32-bit integers may be negative, and 0 is left out. */
function readInteger(value: unknown, path: string): number {
  if (absent(value)) return 0
  const integer = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
  if (Number.isSafeInteger(integer)) return integer as number
  throw new ShapeError(path, 'is not a whole number')
}

function readFinite(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw new ShapeError('', 'is not a finite number')
}
