import { storageError } from '../driver-errors/storage-error.ts'
import type { ReadOptions } from '../engines/pool.ts'

/** Parts what a caller gives in one object: what to read, and when to end. */
export function splitReadOptions<F extends object>({
  signal,
  statementTimeoutMs,
  ...rest
}: F & ReadOptions): [F, ReadOptions] {
  // No filter has a field of these names.
  return [rest as F, { signal, statementTimeoutMs }]
}

/** What a read failed with: the reason of its signal, whatever that was turned into on its way, or one of our errors. */
export function readError(thrown: unknown, during: string, signal: AbortSignal | undefined): unknown {
  return signal?.aborted ? signal.reason : storageError(thrown, during)
}
