import { ExponentialBackoff, fullJitterGenerator, handleWhen, type RetryPolicy, retry } from 'cockatiel'
import { mayConnectSoon } from '../driver-errors/may-connect-soon.ts'
import { withoutUndefined } from '../without-undefined.ts'

/** How often and after which waits a connection is tried again. */
export interface RetryOptions {
  /**
   * How often a connection is tried in all; 1 is without a second try. Without it reads of a pool that was connected
   * before are tried again within their deadline. @default 3
   */
  maxAttempts?: number | undefined
  /** The longest wait before the second try, in milliseconds; the actual wait is drawn below it. @default 100 */
  initialDelayMs?: number | undefined
  /** The longest wait between two tries, in milliseconds. @default 5000 */
  maxDelayMs?: number | undefined
  /** What the longest wait grows by from one try to the next. @default 2 */
  multiplier?: number | undefined
}

export const retryDefaults = {
  maxAttempts: 3,
  initialDelayMs: 100,
  maxDelayMs: 5_000,
  multiplier: 2,
} as const satisfies Required<RetryOptions>

/**
 * Tries to connect again while the server refuses, starts or restarts, with waits that grow and are drawn at random,
 * so that the clients of a restarted server do not all come back at once. A wrong password is not tried again, nor is a
 * server that gave no answer at all: that took its whole deadline already.
 */
export function connectRetry(options: RetryOptions = {}): RetryPolicy {
  const { maxAttempts, initialDelayMs, maxDelayMs, multiplier } = { ...retryDefaults, ...withoutUndefined(options) }
  return retry(handleWhen(mayConnectSoon), {
    maxAttempts: maxAttempts - 1,
    backoff: new ExponentialBackoff({
      initialDelay: initialDelayMs,
      maxDelay: maxDelayMs,
      exponent: multiplier,
      generator: fullJitterGenerator,
    }),
  })
}
