import type { BucketUnit } from '../dialects/dialect.ts'

const seconds = { minute: 60, hour: 3_600, day: 86_400, week: 604_800 } as const

/** How long the bucket that starts at an instant is, in seconds. */
export function bucketSeconds(unit: BucketUnit, start: string): number {
  if (unit !== 'month') return seconds[unit]
  const date = new Date(start)
  const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
  return (next - Date.UTC(date.getUTCFullYear(), date.getUTCMonth())) / 1000
}
