import { TimeoutError, ValidationError } from '../errors.ts'
import type { ReadOptions } from './reader.ts'

/** The longest time that Node's timers count, in milliseconds. */
const longestMs = 2 ** 31 - 1

/**
 * @throws ValidationError unless the timeout is a whole number of milliseconds; the signal's reason where nobody waits any
 *   more
 */
export function checkLimits({ signal, statementTimeoutMs: ms }: ReadOptions): void {
  if (ms !== undefined && !(Number.isInteger(ms) && ms >= 1 && ms <= longestMs)) {
    const message = `must be an integer from 1 to ${longestMs}, in milliseconds`
    throw new ValidationError('Invalid read', [{ field: 'statementTimeoutMs', message }])
  }
  signal?.throwIfAborted()
}

/**
 * Runs a read until it answers, its time is over, or its signal says that nobody waits for it: then it fails at once,
 * and `end` tells the engine to stop.
 *
 * @throws the signal's reason; TimeoutError when the time was over first
 */
export async function limitedRead<T>(
  limits: ReadOptions,
  during: string,
  read: (end: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  const { signal, statementTimeoutMs: timeoutMs } = limits
  if (signal === undefined && timeoutMs === undefined) return read(undefined)
  checkLimits(limits)
  const controller = new AbortController()
  const { promise, end } = endable<T>(controller)
  const abort = () => end(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  const timeout = () => end(new TimeoutError(`Could not ${during} within ${timeoutMs} ms.`))
  const timer = timeoutMs === undefined ? undefined : setTimeout(timeout, timeoutMs)
  try {
    return await Promise.race([read(controller.signal), promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

/** A promise that only fails, when it is ended. */
function endable<T>(controller: AbortController): { promise: Promise<T>; end: (reason: unknown) => void } {
  let end: (reason: unknown) => void = () => {}
  const promise = new Promise<T>((_, reject) => {
    end = (reason) => {
      reject(reason)
      controller.abort(reason)
    }
  })
  return { promise, end }
}
