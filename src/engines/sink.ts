import type { RejectedRow } from '../errors.ts'
import { type AcceptedRow, type Entity, keyOf, leadingKeyOf } from '../rows/accepted-row.ts'
import type { RunBatch, RunResult } from './runs.ts'

/** How rows reach PostgreSQL. */
export type PostgresMethod = 'auto' | 'copy' | 'insert'

/** A row while it waits for its batch: what a writer has to know of it. The rest is the sink's own. */
export interface Kept {
  /** Estimated bytes of memory. */
  readonly bytes: number
  /** The first part of the row's key: its trace, where it has one. */
  readonly leadingKey: string
  /** The row's key within its project, as one text. */
  readonly key: string
}

/** A row that waits as it was accepted, for sinks that bind or encode values when they store them. */
export interface KeptValues extends AcceptedRow, Kept {}

/** Keeps a row as it was accepted. */
export const keepValues = (entity: Entity, row: AcceptedRow): KeptValues => ({
  values: row.values,
  bytes: row.bytes,
  leadingKey: leadingKeyOf(entity, row),
  key: keyOf(entity, row),
})

/** Rows of one entity and one project that are stored as one unit. No key stands twice. */
export interface Batch<Row = AcceptedRow> {
  readonly entity: Entity
  readonly projectId: string
  readonly rows: readonly Row[]
}

/** What became of a batch. `stored + superseded.length + rejected.length` is the number of its rows. */
export interface SinkResult {
  readonly stored: number
  /** Rows that lost to a stored row with a higher stamp, by their place in the batch. */
  readonly superseded: readonly number[]
  /** Rows that the engine refuses, by their place in the batch. */
  readonly rejected: readonly RejectedRow[]
}

/**
 * Where batches go: one per engine, and the only owner of transactions, COPY and inserts. A batch is stored in one
 * transaction together with the recomputed trace rows that it touches.
 */
export interface Sink<Row extends Kept = Kept> {
  /** Batches that may be with the sink at once to any use. */
  readonly maxConcurrency: number
  /** Rows that a bulk write hands over at once: enough to make good batches, few enough to die young in the heap. */
  readonly bulkRows: number
  /** Bytes of rows from which on a bulk write's batch is full, where the writer's options do not allow more. */
  readonly bulkBytes: number
  /** Bytes of rows from which on any batch is full, whatever the writer's options allow. */
  readonly maxBatchBytes: number
  /** The form in which a checked row waits for its batch: whatever the sink can store with the least work. */
  keep(entity: Entity, row: AcceptedRow): Row
  /** Hears of rows that are not needed any more, each once, so that their memory serves the next. */
  release?(rows: readonly Row[]): void
  /**
   * Stores a batch of rows that this sink has kept. A batch written twice is stored once.
   *
   * @throws StorageError when the batch was not stored as a whole: some of it may be, where a commit's reply was lost or
   *   rows were stored apart from one that the engine refuses. `retryable` tells whether it may be later, as it is
   */
  write(batch: Batch<Row>): Promise<SinkResult>
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

/** Has runs stored whose rows a sink keeps as long as that takes. */
export async function whileKept<Row extends Kept>(
  sink: Required<Pick<Sink<Row>, 'keep' | 'release'>>,
  batch: RunBatch,
  store: (batch: RunBatch<Row>) => Promise<RunResult>,
): Promise<RunResult> {
  const traces = batch.traces.map((row) => sink.keep('traces', row))
  const spans = batch.spans.map((row) => sink.keep('spans', row))
  try {
    return await store({ ...batch, traces, spans })
  } finally {
    sink.release([...traces, ...spans])
  }
}
