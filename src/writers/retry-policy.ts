import { setTimeout as delay } from 'node:timers/promises'
import { wasStopped } from '../driver-errors/was-stopped.ts'
import { StorageError } from '../errors.ts'
import type { WriterSettings } from './options.ts'

/** What a retried call needs. */
export interface RetryParts {
  readonly settings: WriterSettings
  /** Ends the waits: the call fails with its last failure. */
  readonly signal: AbortSignal
  /** Called for a failed try that is followed by another. */
  readonly onRetry: (error: StorageError, attempt: number) => void
}

/** Tries of a batch that the server stopped for taking too long: mostly it takes as long again. */
const triesWhenStopped = 2

/**
 * Runs a call, and runs it again after failures that may pass, until `retryForMs` are over. The waits double, and each
 * is drawn at random below that, so that writers that failed together do not return together. It is no library's: the
 * waits of cockatiel do not end at an abort, and a closing writer must not wait for them.
 *
 * @throws StorageError of the last try
 */
export async function withRetries<T>(call: () => Promise<T>, { settings, signal, onRetry }: RetryParts): Promise<T> {
  const giveUpAt = performance.now() + settings.retryForMs
  let stops = 0
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof StorageError) || !error.retryable || attempt >= settings.maxAttempts) throw error
      if (wasStopped(error)) stops += 1
      if (stops >= triesWhenStopped || signal.aborted) throw error
      const waitMs = Math.random() * Math.min(settings.maxRetryDelayMs, settings.retryDelayMs * 2 ** (attempt - 1))
      if (performance.now() + waitMs > giveUpAt) throw error
      onRetry(error, attempt)
      await delay(waitMs, undefined, { signal, ref: settings.keepProcessAlive }).catch(() => undefined)
      if (signal.aborted) throw error
    }
  }
}
