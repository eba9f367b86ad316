import { ExponentialBackoff, fullJitterGenerator, handleWhen, type IPolicy, retry, wrap } from 'cockatiel'
import { wasStopped } from '../driver-errors/was-stopped.ts'
import { StorageError } from '../errors.ts'
import type { WriterSettings } from './options.ts'

/** Runs something, and runs it again while that may help. */
export type Retry = Pick<IPolicy, 'execute'>

/** Further tries of a batch that the server stopped for taking too long: mostly it takes as long again. */
const triesAfterStop = 1

/**
 * Tries a batch again after failures that may pass. The waits double, and each is drawn at random below that, so that
 * writers that failed together do not return together.
 */
export function retryPolicy(settings: WriterSettings, onRetry: () => void): Retry {
  const retryWhen = (mayHelp: (error: StorageError) => boolean, most: number) => {
    const policy = retry(
      handleWhen((error) => error instanceof StorageError && mayHelp(error)),
      {
        maxAttempts: Math.min(most, settings.maxAttempts - 1),
        backoff: new ExponentialBackoff({
          initialDelay: settings.retryDelayMs,
          maxDelay: settings.maxRetryDelayMs,
          generator: fullJitterGenerator,
        }),
      },
    )
    policy.onRetry(onRetry)
    return policy
  }
  const passing = retryWhen((error) => error.retryable && !wasStopped(error), Number.POSITIVE_INFINITY)
  const stopped = retryWhen(wasStopped, triesAfterStop)
  // The inner one sees every try.
  stopped.onFailure(({ reason }) => {
    if ('error' in reason && reason.error instanceof StorageError) settings.onError(reason.error)
  })
  return wrap(passing, stopped)
}
