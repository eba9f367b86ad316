import type { Buckets, ExponentialCounts } from '../../../schema/values.ts'
import { absent, optionalCount, optionalObject, readItems, ShapeError, type Unknowns } from '../shape-error.ts'

/** The explicit buckets of an OTLP histogram point; null where it has none. */
export function readBuckets(point: Unknowns): Buckets | null {
  const counts = readItems(point.bucketCounts, 'bucketCounts', (each) => optionalCount(each, ''))
  const bounds = readItems(point.explicitBounds, 'explicitBounds', readFinite)
  return counts.length === 0 && bounds.length === 0 ? null : { bounds, counts }
}

/** The buckets of an OTLP exponential histogram point. */
export function readExponentialBuckets(point: Unknowns): Buckets {
  const positive = readHalf(point, 'positive')
  const negative = readHalf(point, 'negative')
  const zeroThreshold = absent(point.zeroThreshold) ? 0 : readFinite(point.zeroThreshold)
  return {
    scale: readInteger(point.scale, 'scale'),
    zeroCount: optionalCount(point.zeroCount, 'zeroCount'),
    ...(zeroThreshold && { zeroThreshold }),
    ...(positive && { positive }),
    ...(negative && { negative }),
  }
}

function readHalf(point: Unknowns, member: 'positive' | 'negative'): ExponentialCounts | undefined {
  const half = optionalObject(point[member], member)
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
