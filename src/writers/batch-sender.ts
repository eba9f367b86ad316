import { setImmediate } from 'node:timers/promises'
import { storageError } from '../driver-errors/storage-error.ts'
import { type FlushOptions, settlesWithin } from '../engines/deadline.ts'
import type { PreparedRow, Sink, SinkResult } from '../engines/sink.ts'
import { BatchError, type StorageError, TimeoutError } from '../errors.ts'
import type { Entity } from '../rows/accepted-row.ts'
import { untraced } from '../untraced.ts'
import { Losses } from './losses.ts'
import type { WriterCounts, WriterSettings } from './options.ts'
import { withRetries } from './retry-policy.ts'
import { lastOfEachKey, RowQueue, type Taken, type Waiting } from './row-queue.ts'
import { unlessAborted } from './unless-aborted.ts'
import { unwatchUnstored, watchUnstored } from './unstored-rows.ts'

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
 * stores nothing twice. Over: `giveUp` was called; rows that wait are counted as dropped, and so is the batch that the
 * sink has, whose outcome nobody waits for.
 */
export class BatchSender {
  readonly #parts: BatchSenderParts
  readonly #queue = new RowQueue()
  #sendingRows = 0
  #sendingBytes = 0
  #loop: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #batchWaiters: (() => void)[] = []
  /** All rows that were added, and those that are settled. */
  #enqueued = 0
  #finished = 0
  readonly #losses = new Losses()
  readonly #over = new AbortController()
  /** The last failed try of the batch that the sink has. */
  #lastFailure: StorageError | undefined

  constructor(parts: BatchSenderParts) {
    this.#parts = parts
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
    if (this.rows === 1) watchUnstored(this)
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
   * @throws StorageError when rows that nobody waited for could not be stored since the last flush; TimeoutError when
   *   the deadline passed while rows wait
   */
  async flush({ deadlineMs }: FlushOptions = {}): Promise<void> {
    const stored = this.#storeAll()
    if (deadlineMs === undefined) await stored
    else if (!(await settlesWithin(stored, deadlineMs))) throw this.#late(`within ${deadlineMs} ms; they wait still`)
    this.#report()
  }

  /**
   * Stores all rows, and gives up at the deadline those that are left.
   *
   * @throws StorageError when rows that nobody waited for could not be stored since the last flush
   */
  async close({ deadlineMs }: FlushOptions = {}): Promise<void> {
    const stored = this.#storeAll()
    if (deadlineMs === undefined) await stored
    else if (!(await settlesWithin(stored, deadlineMs))) {
      const late = this.#late(`before the writer closed, after ${deadlineMs} ms`)
      this.#over.abort(late)
      this.#stopTimer()
      const left = this.#queue.take(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
      this.#giveUp(left, late, 0)
      this.#parts.sink.free?.(left.map(({ row }) => row))
      this.#finish(left.length)
      // In the same turn: the batch that the sink has is given up by `#send`.
      await stored
    }
    this.#report()
  }

  async #storeAll(): Promise<void> {
    // Rows leave in order, so rows that are added meanwhile are not waited for.
    const last = this.#enqueued
    this.hurry()
    while (this.#finished < last) await this.#endOfBatch()
  }

  #report(): void {
    const loss = this.#losses.take()
    if (loss) throw loss
  }

  #late(when: string): TimeoutError {
    const { entity } = this.#parts
    const cause = this.#lastFailure
    const reason = cause ? `. Last failure: ${cause.message}` : ''
    return new TimeoutError(`Could not store ${this.rows} rows of ${entity} ${when}${reason}`, { cause })
  }

  #endOfBatch(): Promise<void> {
    return new Promise((resolve) => this.#batchWaiters.push(resolve))
  }

  #startTimer(): void {
    this.#timer ??= setTimeout(() => this.hurry(), this.#parts.settings.maxAgeMs)
    if (!this.#parts.settings.keepProcessAlive) this.#timer.unref()
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
        this.#finish(taken.batch.length + taken.repeats.length)
      }
    }
    // In the same turn as the last look at the queue, and before callers are notified: a row that is added now, also
    // by an `onError`, starts the next loop.
    this.#loop = undefined
    settle()
  }

  /** Counts rows as settled, and wakes those who wait for it. */
  #finish(rows: number): void {
    this.#finished += rows
    if (this.rows === 0) unwatchUnstored(this)
    for (const wake of this.#batchWaiters.splice(0)) wake()
  }

  #take(): Taken {
    const { batchRows, batchBytes } = this.#parts.settings
    const taken = this.#queue.take(batchRows, Math.min(batchBytes, this.#parts.sink.maxBatchBytes))
    this.#stopTimer()
    if (this.#queue.length > 0) this.#startTimer()
    this.#sendingRows += taken.length
    for (const { row } of taken) this.#sendingBytes += row.bytes
    // Several rows of a trace may say different things of it: the sink merges them.
    return this.#parts.entity === 'traces' ? { batch: taken, repeats: [] } : lastOfEachKey(taken)
  }

  /** Stores a batch, and returns a function that notifies its callers. */
  async #send({ batch, repeats }: Taken): Promise<() => void> {
    this.#parts.counts.batches += 1
    const { entity, projectId, sink, counts, settings } = this.#parts
    const rows = batch.map(({ row }) => row)
    const given = [...rows, ...repeats.map(({ row }) => row)]
    const settle = (notify: () => void) => () => {
      for (const { bytes } of given) this.#sendingBytes -= bytes
      this.#sendingRows -= given.length
      notify()
    }
    let attempts = 1
    this.#lastFailure = undefined
    const onRetry = (error: StorageError, attempt: number) => {
      counts.retries += 1
      attempts = attempt + 1
      this.#lastFailure = error
      settings.onError(error, { entity, projectId, rows: rows.length, attempt, isFinal: false })
    }
    const { signal } = this.#over
    const write = () => untraced(() => sink.write({ entity, projectId, rows }))
    const storing = withRetries(write, { settings, signal, onRetry })
    // The sink reads the rows until its last try is over, also where nobody waits for it any more.
    const free = () => sink.free?.(given)
    storing.then(free, free)
    try {
      const result = await unlessAborted(storing, signal)
      return settle(() => {
        this.#settle(batch, result, attempts)
        this.#deduplicate(repeats)
      })
    } catch (thrown) {
      const error = storageError(thrown, `write ${rows.length} rows of ${entity}`)
      return settle(() => this.#giveUp([...batch, ...repeats], error, attempts))
    }
  }

  /** Acknowledges rows that a stored row replaced. */
  #deduplicate(repeats: readonly Waiting[]): void {
    this.#parts.counts.deduplicated += repeats.length
    for (const { call } of repeats) call.deduplicate()
  }

  #giveUp(batch: readonly Waiting[], error: StorageError, attempt: number): void {
    if (batch.length === 0) return
    const { counts, settings, entity, projectId } = this.#parts
    counts.dropped += batch.length
    for (const { call } of batch) call.fail(error)
    const unawaited = batch.filter(({ call }) => !call.awaited)
    if (unawaited.length > 0) this.#losses.add(error, unawaited.length)
    settings.onError(error, { entity, projectId, rows: batch.length, attempt, isFinal: true })
  }

  #settle(batch: readonly Waiting[], result: SinkResult, attempt: number): void {
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
    const rows = result.rejected.filter(({ index }) => batch[index]?.call.awaited === false).length
    if (rows === 0) return
    const { entity, projectId, settings } = this.#parts
    const unheard = new BatchError(entity, result.stored, result.rejected)
    this.#losses.add(unheard, rows)
    settings.onError(unheard, { entity, projectId, rows, attempt, isFinal: true })
  }
}
