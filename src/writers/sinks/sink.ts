import type { RejectedRow } from '../../errors.ts'
import type { AcceptedRow, Entity } from '../accepted-row.ts'

/** Rows of one entity and one project that are stored as one unit. No key stands twice. */
export interface Batch {
  readonly entity: Entity
  readonly projectId: string
  readonly rows: readonly AcceptedRow[]
}

/** What became of a batch. `stored + superseded + rejected.length` is the number of its rows. */
export interface SinkResult {
  readonly stored: number
  /** Rows that lost to a stored row with a higher stamp. */
  readonly superseded: number
  /** Rows that the engine refuses, by their place in the batch. */
  readonly rejected: readonly RejectedRow[]
}

/**
 * Where batches go: one per engine, and the only owner of transactions, COPY and inserts. A batch is stored in one
 * transaction together with the recomputed trace rows that it touches.
 */
export interface Sink {
  /** Batches that may be with the sink at once to any use. */
  readonly maxConcurrency: number
  /**
   * Stores a batch. A batch written twice is stored once.
   *
   * @throws StorageError when nothing of the batch was stored; `retryable` tells whether it may be later
   */
  write(batch: Batch): Promise<SinkResult>
}
