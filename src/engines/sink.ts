import type { SQL } from 'drizzle-orm'
import type { RejectedRow } from '../errors.ts'
import { type AcceptedRow, type Entity, keyOf, leadingKeyOf, namedTraceOf, stampOf } from '../rows/accepted-row.ts'
import type { DeletedTraces, LooseEntity } from './deleted-rows.ts'
import type { RunBatch, RunResult } from './runs.ts'

/** How rows reach an engine that has two ways: COPY, INSERT, or whichever is faster for a batch. */
export type WriteMethod = 'auto' | 'copy' | 'insert'

/** How a sink works. */
export interface SinkOptions {
  /** Engines with one way to write ignore it. @default 'auto' */
  method?: WriteMethod | undefined
}

/** A row while it waits for its batch: what a writer has to know of it. The rest is the sink's own. */
export interface PreparedRow {
  /** Estimated bytes of memory. */
  readonly bytes: number
  /** The first part of the row's key: its trace, where it has one. */
  readonly leadingKey: string
  /** The row's key within its project, as one text. */
  readonly key: string
  /** When it was accepted, in microseconds since 1970. */
  readonly stamp: number
  /** The trace that a row without a trace in its key names; null where it names none. */
  readonly traceId: string | null
}

/** A row that waits as it was accepted, for sinks that bind or encode values when they store them. */
export interface PreparedValues extends AcceptedRow, PreparedRow {}

/** Prepares a row without encoding it. */
export const prepareValues = (entity: Entity, row: AcceptedRow): PreparedValues => ({
  values: row.values,
  bytes: row.bytes,
  leadingKey: leadingKeyOf(entity, row),
  key: keyOf(entity, row),
  stamp: stampOf(entity, row),
  traceId: namedTraceOf(entity, row),
})

/** Rows of one entity and one project that are stored as one unit. Each key occurs once, but for those of traces. */
export interface Batch<Row = AcceptedRow> {
  readonly entity: Entity
  readonly projectId: string
  readonly rows: readonly Row[]
}

/** What became of a batch. `stored + superseded.length + rejected.length` is the number of its rows. */
export interface SinkResult {
  readonly stored: number
  /** Indexes, in the batch, of rows that lost to a stored row with a higher stamp. */
  readonly superseded: readonly number[]
  /** Rows that the engine refuses, with their index in the batch. */
  readonly rejected: readonly RejectedRow[]
  /** How many traces were counted anew from all of their spans, since the batch alone could not tell. @default 0 */
  readonly recounted?: number
}

/**
 * Where batches go: one per engine, and the only owner of transactions, COPY and inserts. A batch is stored in one
 * transaction together with the recomputed trace rows that it touches.
 */
export interface Sink<Row extends PreparedRow = PreparedRow> {
  /** How many batches the sink can store at the same time. */
  readonly maxConcurrency: number
  /** Rows in a full batch of a bulk write: enough for good batches, few enough to die young in the heap. */
  readonly bulkRows: number
  /** Bytes of rows in a full batch of a bulk write. The writer's options may allow more. */
  readonly bulkBytes: number
  /** Bytes of rows in a full batch of any kind. The writer's options cannot raise it. */
  readonly maxBatchBytes: number
  /** Turns a checked row into the form in which it waits: whatever the sink stores with the least work. */
  prepare(entity: Entity, row: AcceptedRow): Row
  /** Called once for each prepared row that is no longer needed, so that its memory serves later rows. */
  free?(rows: readonly Row[]): void
  /**
   * Stores a batch of rows that this sink has prepared. A batch written twice is stored once.
   *
   * @throws StorageError when the batch was not stored as a whole: some of it may be, where a commit's reply was lost or
   *   rows were stored apart from one that the engine refuses. `retryable` says whether the same batch may succeed later
   */
  write(batch: Batch<Row>): Promise<SinkResult>
  /**
   * Brings trace rows up to date that were put off, where an engine puts them off while traces grow.
   *
   * @throws StorageError when they could not be brought up to date; it may be tried again
   */
  settle?(): Promise<void>
}

/** The part of a sink that stores and deletes traces whole. */
export interface RunSink {
  /**
   * Stores whole runs, and replaces what the same source stored of them before. Written twice they are stored once.
   *
   * @throws StorageError when nothing was stored
   */
  replaceRuns(batch: RunBatch): Promise<RunResult>
  /**
   * Deletes traces with all that belongs to them: spans, events, results, logs. Returns how many rows there were.
   *
   * @param horizon only what was stored before this number of a transaction: a trace with later rows stays, whole where
   *   there are transactions, and else with these rows
   */
  deleteTraces(projectId: string, traceIds: readonly string[], horizon?: number): Promise<DeletedTraces>
  /** Counts traces anew from all of their spans: their rows, and what counts of each span. */
  recountTraces(projectId: string, traceIds: readonly string[]): Promise<void>
  /** Deletes the spans that a source stored in some traces, and brings the traces up to date. */
  forgetSpans(projectId: string, traceIds: readonly string[], source: string): Promise<void>
}

/** The part of a sink that deletes rows which are no part of a trace. */
export interface RowDeletes {
  /**
   * Deletes rows that fit a condition.
   *
   * @param where a condition of this project's rows, as the pool's own tables and dialect spell it
   * @param atMost how many rows a transaction may delete. An engine without transactions takes all at once
   * @returns how many rows there were; less than `atMost` says that none is left
   */
  deleteRows(projectId: string, entity: LooseEntity, where: SQL, atMost: number): Promise<number>
}

/** All that a pool's engine can store. */
export type EngineSink = Sink & RunSink & RowDeletes

/** Prepares the rows of runs, has them stored, and frees them. */
export async function whilePrepared<Row extends PreparedRow>(
  sink: Pick<Sink<Row>, 'prepare' | 'free'>,
  batch: RunBatch,
  store: (batch: RunBatch<Row>) => Promise<RunResult>,
): Promise<RunResult> {
  const traces = batch.traces.map((row) => sink.prepare('traces', row))
  const spans = batch.spans.map((row) => sink.prepare('spans', row))
  try {
    return await store({ ...batch, traces, spans })
  } finally {
    sink.free?.([...traces, ...spans])
  }
}
