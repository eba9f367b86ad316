import { TimeoutError } from '../errors.ts'

/**
 * Waits for `work`, but not longer than `deadlineMs`.
 *
 * @param onTimeout cuts off what still runs; its outcome is ignored
 * @throws TimeoutError when the deadline passed first
 */
export async function withDeadline<T>(
  work: PromiseLike<T>,
  deadlineMs: number,
  during: string,
  onTimeout: () => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      onTimeout()
      reject(new TimeoutError(`Could not ${during} within ${deadlineMs} ms; the server did not answer.`))
    }, deadlineMs)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
