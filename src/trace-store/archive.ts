import { isoFromMicros } from '../../schema/time.ts'
import { type Fault, StorageError, ValidationError } from '../errors.ts'
import type { SavedTrace } from '../formats/selectools/saved-trace.ts'
import { compareUtf8 } from '../text/compare-utf8.ts'
import type { TraceFilter, TraceStore, TraceSummary } from './trace-store.ts'

/** A store of ours, which also reads and writes saved traces unchanged. */
export interface TraceArchive extends TraceStore {
  /** Keeps a trace that was saved elsewhere, with its time of saving. */
  restore(saved: SavedTrace): Promise<void>
  /** All saved traces that fit, the last saved first. */
  stream(filter?: TraceFilter): AsyncIterable<SavedTrace>
}

/** What a list shows of a saved trace. */
export const summaryOf = (saved: SavedTrace, metadata: Record<string, unknown> | null | undefined): TraceSummary => ({
  run_id: saved.runId,
  steps: saved.steps,
  total_ms: saved.totalMs,
  created_at: isoFromMicros(saved.savedMicros),
  metadata: metadata ?? {},
})

/** The order of lists: the last saved first, then by the bytes of the id, so that all stores agree. */
export const newestFirst = (
  a: Pick<SavedTrace, 'savedMicros' | 'runId'>,
  b: Pick<SavedTrace, 'savedMicros' | 'runId'>,
): number => b.savedMicros - a.savedMicros || compareUtf8(b.runId, a.runId)

/** The error for a trace that is not there. */
export const traceNotFound = (runId: string) => new StorageError('not_found', `Trace '${runId}' not found`)

/** @throws ValidationError unless both are whole numbers, 0 or more */
export function checkedPage(limit: number, offset: number): void {
  const faults: Fault[] = Object.entries({ limit, offset })
    .filter(([, value]) => !Number.isSafeInteger(value) || value < 0)
    .map(([field]) => ({ field, message: 'must be a whole number, 0 or more' }))
  if (faults.length > 0) throw new ValidationError('Invalid page', faults)
}
