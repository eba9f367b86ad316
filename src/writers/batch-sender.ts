import { setImmediate } from 'node:timers/promises'
import { storageError } from '../driver-errors/storage-error.ts'
import type { PreparedRow, Sink, SinkResult } from '../engines/sink.ts'
import { BatchError, type StorageError } from '../errors.ts'
import type { Entity } from '../rows/accepted-row.ts'
import type { WriterCounts, WriterSettings } from './options.ts'
import { type Retry, retryPolicy } from './retry-policy.ts'
import { lastOfEachKey, RowQueue, type Taken, type Waiting } from './row-queue.ts'

/** What a batch sender needs. */
export interface BatchSenderParts {
  readonly entity: Entity
  readonly projectId: string
  readonly sink: Sink
  readonly settings: WriterSettings
  /** Counts what happens to rows. */
  readonly counts: WriterCounts
}

/**
 * Gathers accepted rows into batches and hands them to a sink, one batch at a time.
 *
 * Idle: nothing waits. Waiting: rows wait for a full batch, or for the timer that fires when the oldest is `maxAgeMs`
 * old. Sending: the sink has a batch; new rows wait for the next one, which starts at once if a caller waits for them.
 * After a passing failure the same batch is tried again with the same stamps, so that a commit whose reply was lost
 * stores nothing twice.
 */
export class BatchSender {
  readonly #parts: BatchSenderParts
  readonly #retry: Retry
  readonly #queue = new RowQueue()
  #sendingRows = 0
  #sendingBytes = 0
  #loop: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #batchWaiters: (() => void)[] = []
  /** All rows that were added, and those that are settled. */
  #enqueued = 0
  #finished = 0
  #unreported: StorageError | undefined

  constructor(parts: BatchSenderParts) {
    this.#parts = parts
    this.#retry = retryPolicy(parts.settings, () => {
      parts.counts.retries += 1
    })
  }

  /** Rows that wait or are being stored. */
  get rows(): number {
    return this.#queue.length + this.#sendingRows
  }

  /** Estimated bytes of heap that these rows take. */
  get bytes(): number {
    return this.#queue.bytes + this.#sendingBytes
  }

  /** Whether the queue has no room for a row. */
  isFull(row: PreparedRow): boolean {
    const { queueRows, queueBytes } = this.#parts.settings
    return this.rows >= queueRows || (this.rows > 0 && this.bytes + row.bytes > queueBytes)
  }

  /** Waits until there is room for a row. */
  async makeRoom(row: PreparedRow): Promise<void> {
    while (this.isFull(row)) {
      this.hurry()
      await this.#endOfBatch()
    }
  }

  /** Adds a row and the call that wrote it. */
  add(waiting: Waiting): void {
    this.#parts.counts.accepted += 1
    this.#enqueued += 1
    waiting.call.add()
    this.#queue.push(waiting)
    if (this.#isDue()) this.#start()
    else this.#startTimer()
  }

  /** Sends all waiting rows now. */
  hurry(): void {
    this.#stopTimer()
    this.#queue.hurry()
    this.#start()
  }

  /**
   * Stores all rows that were added before this call.
   *
   * @throws StorageError when rows that nobody waited for could not be stored since the last flush
   */
  async flush(): Promise<void> {
    // Rows leave in order, so rows that are added meanwhile are not waited for.
    const last = this.#enqueued
    this.hurry()
    while (this.#finished < last) await this.#endOfBatch()
    const failure = this.#unreported
    this.#unreported = undefined
    if (failure) throw failure
  }

  #endOfBatch(): Promise<void> {
    return new Promise((resolve) => this.#batchWaiters.push(resolve))
  }

  #startTimer(): void {
    this.#timer ??= setTimeout(() => this.hurry(), this.#parts.settings.maxAgeMs).unref()
  }

  #stopTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #isDue(): boolean {
    const { batchRows, batchBytes } = this.#parts.settings
    return this.#queue.urgent > 0 || this.#queue.length >= batchRows || this.#queue.bytes >= batchBytes
  }

  #start(): void {
    this.#loop ??= this.#run()
  }

  async #run(): Promise<void> {
    // Calls of the same turn share the first batch.
    await setImmediate()
    let settle = () => {}
    while (this.#queue.length > 0 && this.#isDue()) {
      const taken = this.#take()
      const sending = this.#send(taken)
      // The next batch is sent before callers are notified of the last one: the database need not wait.
      settle()
      const outcome = await sending
      settle = () => {
        outcome()
        this.#finished += taken.batch.length + taken.repeats.length
        for (const wake of this.#batchWaiters.splice(0)) wake()
      }
    }
    // In the same turn as the last look at the queue, and before callers are notified: a row that is added now, also
    // by an `onError`, starts the next loop.
    this.#loop = undefined
    settle()
  }

  #take(): Taken {
    const { batchRows, batchBytes } = this.#parts.settings
    const taken = this.#queue.take(batchRows, Math.min(batchBytes, this.#parts.sink.maxBatchBytes))
    this.#stopTimer()
    if (this.#queue.length > 0) this.#startTimer()
    this.#sendingRows += taken.length
    for (const { row } of taken) this.#sendingBytes += row.bytes
    return lastOfEachKey(taken)
  }

  /** Stores a batch, and returns a function that notifies its callers. */
  async #send({ batch, repeats }: Taken): Promise<() => void> {
    this.#parts.counts.batches += 1
    const { entity, projectId, sink } = this.#parts
    const rows = batch.map(({ row }) => row)
    const settle = (notify: () => void) => () => {
      const given = [...rows, ...repeats.map(({ row }) => row)]
      for (const { bytes } of given) this.#sendingBytes -= bytes
      this.#sendingRows -= given.length
      sink.free?.(given)
      notify()
    }
    try {
      const result = await this.#retry.execute(() => sink.write({ entity, projectId, rows }))
      return settle(() => {
        this.#settle(batch, result)
        this.#deduplicate(repeats)
      })
    } catch (thrown) {
      const error = storageError(thrown, `write ${rows.length} rows of ${entity}`)
      return settle(() => this.#giveUp([...batch, ...repeats], error))
    }
  }

  /** Acknowledges rows that a stored row replaced. */
  #deduplicate(repeats: readonly Waiting[]): void {
    this.#parts.counts.deduplicated += repeats.length
    for (const { call } of repeats) call.deduplicate()
  }

  #giveUp(batch: readonly Waiting[], error: StorageError): void {
    this.#parts.counts.dropped += batch.length
    for (const { call } of batch) call.fail(error)
    if (batch.some(({ call }) => !call.awaited)) this.#unreported ??= error
  }

  #settle(batch: readonly Waiting[], result: SinkResult): void {
    const rejected = new Map(result.rejected.map((row) => [row.index, row]))
    this.#parts.counts.stored += result.stored
    this.#parts.counts.deduplicated += result.superseded.length
    this.#parts.counts.recounted += result.recounted ?? 0
    this.#parts.counts.rejected += rejected.size
    const superseded = new Set(result.superseded)
    batch.forEach(({ call, index }, position) => {
      const refusal = rejected.get(position)
      if (refusal) call.reject({ ...refusal, index })
      else if (superseded.has(position)) call.deduplicate()
      else call.store()
    })
    if (!result.rejected.some(({ index }) => batch[index]?.call.awaited === false)) return
    const unheard = new BatchError(this.#parts.entity, result.stored, result.rejected)
    this.#unreported ??= unheard
    this.#parts.settings.onError(unheard)
  }
}
