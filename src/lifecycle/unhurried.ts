import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import type { Pool } from '../engines/pool.ts'
import { writerSettings } from '../writers/options.ts'
import { withRetries } from '../writers/retry-policy.ts'

/** The longest rest after a transaction, where it keeps all other writers waiting, in milliseconds. */
const longestRestMs = 250

/** Runs a transaction of something that is not urgent: again where that may help, and others get in after it. */
export async function unhurried<T>(pool: Pool, signal: AbortSignal, transaction: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const started = performance.now()
  const result = await withRetries(transaction, { settings: writerSettings({}), signal, onRetry: () => {} })
  // Another process looks for the free lock now and then: one that is taken again at once it would never see.
  if (pool.capabilities.hasOneWriter) await delay(Math.min(performance.now() - started, longestRestMs))
  else await setImmediate()
  return result
}
