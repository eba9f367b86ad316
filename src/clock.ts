import { isoFromMicros } from '../schema/time.ts'

let last = 0

/** The time in row format, to the microsecond, never earlier than the one before in this process. */
export function now(): string {
  last = Math.max(last, Math.floor((performance.timeOrigin + performance.now()) * 1000))
  return isoFromMicros(last)
}
