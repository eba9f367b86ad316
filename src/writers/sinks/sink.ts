import type { RejectedRow } from '../../errors.ts'
import type { AcceptedRow, Entity } from '../accepted-row.ts'
import type { RunBatch, RunResult } from './runs.ts'

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
  /** Bytes of rows that one batch should not exceed, whatever the writer's options allow. */
  readonly maxBatchBytes: number
  /**
   * Stores a batch. A batch written twice is stored once.
   *
   * @throws StorageError when nothing of the batch was stored; `retryable` tells whether it may be later
   */
  write(batch: Batch): Promise<SinkResult>
}

/** The part of a sink that stores and deletes traces whole. */
export interface RunSink {
  /**
   * Stores whole runs in the place of what the same source had said of them before. Written twice they are stored once.
   *
   * @throws StorageError when nothing was stored
   */
  replaceRuns(batch: RunBatch): Promise<RunResult>
  /** Deletes traces with their spans and events, and answers with the number of traces that were there. */
  deleteTraces(projectId: string, traceIds: readonly string[]): Promise<number>
  /** Deletes the spans of traces that a source had said, and brings the traces up to date. */
  forgetSpans(projectId: string, traceIds: readonly string[], source: string): Promise<void>
}
