import { isoFromMicros } from '../../../schema/time.ts'
import { bucketMicros, cutOffset, secondMicros } from '../../engines/bucket-width.ts'
import { type BucketUnit, bucketUnits } from '../../engines/dialect.ts'
import { ValidationError } from '../../errors.ts'

/** How many buckets one call may fill. */
const mostBuckets = 10_000

/** @throws ValidationError for an unknown unit */
export function checkedUnit(unit: BucketUnit | undefined): BucketUnit | undefined {
  if (unit === undefined || bucketUnits.includes(unit)) return unit
  throw new ValidationError('Invalid analytics', [
    { field: 'bucket', message: `must be one of ${bucketUnits.join(', ')}` },
  ])
}

/** The start of the bucket that an instant falls into, in microseconds. */
function bucketStart(unit: BucketUnit, micros: number): number {
  if (unit === 'month') {
    const date = new Date(Math.floor(micros / 1000))
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) * 1000
  }
  return micros - ((micros + cutOffset(unit)) % bucketMicros[unit])
}

function nextBucket(unit: BucketUnit, start: number): number {
  if (unit !== 'month') return start + bucketMicros[unit]
  const date = new Date(start / 1000)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) * 1000
}

/** The start of a bucket in microseconds since 1970: less than none for the week of 1 January 1970, a Thursday. */
export const bucketStartMicros = (start: string): number => Date.parse(start) * 1000

/** How long the bucket that starts at an instant is, in seconds. */
export function bucketSeconds(unit: BucketUnit, start: string): number {
  const micros = bucketStartMicros(start)
  return (nextBucket(unit, micros) - micros) / secondMicros
}

/**
 * The starts of all buckets from the one of `since` to the last before `until`, in row format. Both are microseconds.
 *
 * @throws ValidationError when there are more than 10 000
 */
export function bucketStarts(unit: BucketUnit, since: number, until: number): string[] {
  const starts: string[] = []
  for (let start = bucketStart(unit, since); start < until; start = nextBucket(unit, start)) {
    if (starts.length === mostBuckets) {
      throw new ValidationError('Invalid analytics', [
        {
          field: 'fill',
          message: `would make more than ${mostBuckets} buckets: take a larger unit or a shorter range`,
        },
      ])
    }
    starts.push(isoFromMicros(start))
  }
  return starts
}
