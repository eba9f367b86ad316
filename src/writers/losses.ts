import { LossError, StorageError } from '../errors.ts'

/** Failures that are listed one by one; further ones are only counted. */
const mostListed = 100

/** Losses of rows that nobody waited for, until a flush reports them. */
export class Losses {
  #failures: StorageError[] = []
  #rows = 0

  add(failure: StorageError, rows: number): void {
    this.#rows += rows
    if (this.#failures.length < mostListed) this.#failures.push(failure)
  }

  /** What was lost since the last call, as one error. */
  take(): StorageError | undefined {
    const [failures, rows] = [this.#failures, this.#rows]
    this.#failures = []
    this.#rows = 0
    return oneError(failures, rows)
  }
}

/** Several failures as one error; a single one as it is. */
export function oneError(failures: readonly StorageError[], rows?: number): StorageError | undefined {
  const [first, ...others] = failures
  if (!first || others.length === 0) return first
  const all = failures.flatMap((failure) => (failure instanceof LossError ? failure.failures : [failure]))
  const counted = failures.reduce((sum, failure) => sum + (failure instanceof LossError ? failure.rows : 0), 0)
  return new LossError(rows ?? counted, all)
}

/**
 * Waits until all are settled.
 *
 * @throws StorageError the failure, or a LossError with all of them
 */
export async function allOf(promises: readonly Promise<unknown>[]): Promise<void> {
  const failures: StorageError[] = []
  for (const result of await Promise.allSettled(promises)) {
    if (result.status === 'fulfilled') continue
    if (!(result.reason instanceof StorageError)) throw result.reason
    failures.push(result.reason)
  }
  const failure = oneError(failures)
  if (failure) throw failure
}
