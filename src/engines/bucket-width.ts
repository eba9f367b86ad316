import type { BucketUnit } from './dialect.ts'

/** A second in the unit of instants. */
export const secondMicros = 1_000_000
const dayMicros = 86_400 * secondMicros

/** How long a bucket is, in microseconds; each month has a length of its own. */
export const bucketMicros = {
  minute: 60 * secondMicros,
  hour: 3_600 * secondMicros,
  day: dayMicros,
  week: 7 * dayMicros,
} as const satisfies Record<Exclude<BucketUnit, 'month'>, number>

/** What an instant is moved by before it is cut: 1970 began on a Thursday, three days after a Monday. */
export const cutOffset = (unit: BucketUnit) => (unit === 'week' ? 3 * dayMicros : 0)
