import { isoFromMicros } from '../../schema/time.ts'
import { StorageError } from '../errors.ts'
import type { SavedTrace } from '../formats/selectools/saved-trace.ts'
import { compareUtf8 } from '../text/compare-utf8.ts'
import type { TraceFilter, TraceStore, TraceSummary } from './trace-store.ts'

/** A store of ours, which also takes and gives saved traces as they are. */
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
