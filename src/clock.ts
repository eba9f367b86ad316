import { isoFromMicros } from '../schema/time.ts'

/** How far the fine clock may be behind the wall clock, which is set now and then, in microseconds. */
const mostBehindMicros = 50_000

/**
 * A clock in row format, to the microsecond, that never goes back. The fine one stands still while a machine sleeps or a
 * function is frozen: what it lost by then is added, since a stamp of the past would lose to rows of other processes.
 *
 * @param wallMs the wall clock, in milliseconds since 1970
 * @param fineMs the same, finer, from a clock that only counts
 */
export function createClock(wallMs: () => number, fineMs: () => number): () => string {
  let last = 0
  let lost = 0
  return () => {
    const fine = Math.floor(fineMs() * 1000)
    const behind = wallMs() * 1000 - fine - lost
    if (behind > mostBehindMicros) lost += behind
    last = Math.max(last, fine + lost)
    return isoFromMicros(last)
  }
}

/** The time in row format, to the microsecond, never earlier than the one before in this process. */
export const now = createClock(Date.now, () => performance.timeOrigin + performance.now())
