import { TimeoutError } from '../errors.ts'

/**
 * Waits for `work`, but not longer than `deadlineMs`.
 *
 * @param onTimeout cuts off what still runs; its outcome is ignored
 * @throws TimeoutError when the deadline passed first
 */
export function withDeadline<T>(
  work: PromiseLike<T>,
  deadlineMs: number,
  during: string,
  onTimeout: () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      onTimeout()
      reject(new TimeoutError(`Could not ${during} within ${deadlineMs} ms; the server did not answer.`))
    }, deadlineMs)
    work.then(resolve, reject).then(() => clearTimeout(timer))
  })
}
