import { TimeoutError } from '../errors.ts'

/** How long a flush may take. */
export interface FlushOptions {
  /** After this the call gives up, in milliseconds; the rows keep waiting. @default none: it waits for every row */
  deadlineMs?: number | undefined
}

/** A moment that several steps share: each gets what the steps before it left. */
export class Deadline {
  readonly #at: number

  /** @param ms from now, in milliseconds */
  constructor(ms: number) {
    this.#at = performance.now() + ms
  }

  /** Milliseconds until the deadline; 0 once it has passed. */
  get leftMs(): number {
    return Math.max(0, this.#at - performance.now())
  }
}

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

/** Whether `work` settles within `ms`; what it settles with is ignored. */
export function settlesWithin(work: PromiseLike<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms)
    const settle = () => {
      clearTimeout(timer)
      resolve(true)
    }
    work.then(settle, settle)
  })
}
