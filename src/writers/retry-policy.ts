import { ExponentialBackoff, fullJitterGenerator, handleWhen, type RetryPolicy, retry } from 'cockatiel'
import { StorageError } from '../errors.ts'
import type { WriterSettings } from './options.ts'

/**
 * How a batch is tried again: only after failures that pass by themselves, with waits that double and are drawn at
 * random below that, so that writers which failed together do not come back together.
 */
export function retryPolicy(settings: WriterSettings, onRetry: () => void): RetryPolicy {
  const policy = retry(
    handleWhen((error) => error instanceof StorageError && error.retryable),
    {
      maxAttempts: settings.maxAttempts - 1,
      backoff: new ExponentialBackoff({
        initialDelay: settings.retryDelayMs,
        maxDelay: settings.maxRetryDelayMs,
        generator: fullJitterGenerator,
      }),
    },
  )
  policy.onRetry(onRetry)
  policy.onFailure(({ reason }) => {
    if ('error' in reason && reason.error instanceof StorageError) settings.onError(reason.error)
  })
  return policy
}
