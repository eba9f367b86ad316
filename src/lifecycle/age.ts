import { isoFromMicros } from '../../schema/time.ts'
import { ValidationError } from '../errors.ts'
import type { Instant } from '../rows/records.ts'

/**
 * How long something is kept: minutes, hours, days or weeks (`90m`, `12h`, `30d`, `4w`) back from now, or since an
 * instant.
 */
export type Age = string | Date

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const length = /^(\d{1,6})([mhdw])$/
const instant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/

/** What an age is, in words that follow "must be". */
export const acceptedAge = 'a length of time such as 30d, 12h or 4w, or an instant such as 2026-11-01T00:00:00Z'

/**
 * The instant before which something is older than an age.
 *
 * @param now in milliseconds since 1970
 * @throws ValidationError for what is no age
 */
export function cutoffOf(age: Age, field: string, now: number): Instant {
  const ms = typeof age === 'string' ? msOf(age, now) : Number(age)
  if (Number.isFinite(ms) && ms >= 0) return isoFromMicros(Math.round(ms * 1000))
  throw new ValidationError('Invalid policy', [{ field, message: `must be ${acceptedAge}` }])
}

function msOf(text: string, now: number): number {
  const [, amount, unit] = length.exec(text) ?? []
  if (unit !== undefined) return now - Number(amount) * unitMs[unit as keyof typeof unitMs]
  return instant.test(text) ? Date.parse(text) : Number.NaN
}
