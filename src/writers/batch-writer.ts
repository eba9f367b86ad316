import { setImmediate } from 'node:timers/promises'
import type { RetryPolicy } from 'cockatiel'
import { now } from '../clock.ts'
import { BatchError, PoolError, type StorageError, storageError } from '../errors.ts'
import { acceptRow, type Checked, isAccepted, type RowDefaults, rowDefaults } from './accept.ts'
import { type AcceptedRow, type Entity, keyOf } from './accepted-row.ts'
import { type BulkOptions, type BulkResult, writeBulk } from './bulk.ts'
import {
  type Ack,
  noCounts,
  type WriterCounts,
  type WriterOptions,
  type WriterSettings,
  type WriterStats,
  writerSettings,
} from './options.ts'
import { retryPolicy } from './retry-policy.ts'
import { lastOfEachKey, RowQueue, type Taken, type Waiting } from './row-queue.ts'
import { replacedTexts } from './safe-json.ts'
import type { Kept, Sink, SinkResult } from './sinks/sink.ts'
import { WriteCall, type WriteResult } from './write-call.ts'

/** What a batch writer is made of. */
export interface BatchWriterParts<Input> {
  readonly entity: Entity
  readonly projectId: string
  readonly sink: Sink
  /** Columns that a record may leave out although the table wants them; `stamp` is when it was accepted. */
  readonly defaults: (stamp: Date | string) => Readonly<Record<string, unknown>>
  /** Has the last word on a row whose columns passed their checks: completes it, or says what is wrong. */
  readonly finish?: (row: AcceptedRow, record: Input) => Checked
}

/** How many rows are checked before other work gets its turn: a batch that is on its way must not wait for long. */
const rowsPerTurn = 50

/**
 * Gathers rows into batches and hands them to a sink, one batch at a time.
 *
 * Idle: nothing waits. Waiting: rows wait for a full batch, or for the timer that fires when the oldest is `maxAgeMs`
 * old. Sending: a batch is with the sink; rows that come meanwhile wait for the next one, which starts at once when
 * somebody waits for them. Closed: `write` throws. A batch that fails for a passing reason is tried again as it is,
 * with the same stamps, so that a commit whose reply was lost stores nothing twice.
 */
export class BatchWriter<Input extends object> {
  readonly #parts: BatchWriterParts<Input>
  readonly #settings: WriterSettings
  readonly #retry: RetryPolicy
  readonly #queue = new RowQueue()
  #sendingRows = 0
  #sendingBytes = 0
  #loop: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #batchWaiters: (() => void)[] = []
  /** Rows that ever came into the queue, and those of them whose fate is known. */
  #enqueued = 0
  #finished = 0
  #unreported: StorageError | undefined
  #closed: Promise<void> | undefined
  /** Writers of a running bulk write, which count here. */
  readonly #lanes = new Set<BatchWriter<Input>>()
  #counts: WriterCounts = { ...noCounts }

  constructor(parts: BatchWriterParts<Input>, options: WriterOptions = {}) {
    this.#parts = parts
    this.#settings = writerSettings(options)
    this.#retry = retryPolicy(this.#settings, () => {
      this.#counts.retries += 1
    })
  }

  /**
   * Checks and stores records. Every record that can be stored is, whatever happens to the others.
   *
   * @throws BatchError when some records cannot be stored, with the index and the fault of each; StorageError when the
   *   database stayed away
   */
  async write(records: Input | Iterable<Input>, options: { ack?: Ack } = {}): Promise<WriteResult> {
    const awaited = (options.ack ?? this.#settings.ack) === 'committed'
    const call = await this.#admit(isIterable(records) ? records : [records], awaited)
    if (awaited) return call.settled
    const { entity } = this.#parts
    if (call.rejected.length > 0) throw new BatchError(entity, call.accepted, call.rejected)
    return { stored: 0, deduplicated: 0 }
  }

  /** Checks records and puts them into the queue; the call tells what becomes of them. */
  async #admit(records: Iterable<Input>, awaited: boolean): Promise<WriteCall> {
    const { entity, projectId, sink } = this.#parts
    const call = new WriteCall(entity, awaited)
    const stamp = now()
    const defaults = rowDefaults(entity, { ...this.#parts.defaults(stamp), projectId, writtenAt: stamp })
    let index = 0
    for (const record of records) {
      if (this.#closed) throw new PoolError(`Could not write ${entity}: the writer is closed.`)
      const accepted = this.#accept(record, index, defaults, call)
      if (accepted) {
        const row = sink.keep(entity, accepted)
        if (this.#isFull(row) && !(await this.#makeRoom(row))) this.#drop(index, call)
        else this.#enqueue({ row, key: keyOf(entity, accepted), stamp, call, index })
      }
      index += 1
      if (index % rowsPerTurn === 0) await setImmediate()
    }
    call.complete()
    if (awaited) this.#hurry()
    return call
  }

  /**
   * Stores records of an iterable of any length in constant memory, over several connections. Every record that can be
   * stored is; the result names the others.
   *
   * @throws StorageError when the database stayed away; the signal's reason when it is aborted
   */
  async bulk(records: Iterable<Input> | AsyncIterable<Input>, options: BulkOptions = {}): Promise<BulkResult> {
    const { sink, entity } = this.#parts
    const count = Math.max(1, Math.min(options.connections ?? 2, sink.maxConcurrency))
    const lanes = Array.from({ length: count }, () => {
      const batchRows = Math.max(this.#settings.batchRows, sink.bulkRows)
      const lane = new BatchWriter(this.#parts, { ...this.#settings, batchRows, whenFull: 'block' })
      lane.#counts = this.#counts
      this.#lanes.add(lane)
      return lane
    })
    const writes = lanes.map((lane) => (rows: Input[]) => lane.#admit(rows, true))
    try {
      return await writeBulk(records, writes, sink.bulkRows, options)
    } catch (error) {
      throw options.signal?.aborted ? error : storageError(error, `write ${entity} in bulk`)
    } finally {
      for (const lane of lanes) this.#lanes.delete(lane)
    }
  }

  /**
   * Stores everything that was accepted before this call.
   *
   * @throws StorageError when rows that were acknowledged as queued could not be stored since the last flush
   */
  async flush(): Promise<void> {
    // Rows leave in the order in which they came: those that others add meanwhile are not waited for.
    const last = this.#enqueued
    this.#hurry()
    while (this.#finished < last) await this.#endOfBatch()
    const failure = this.#unreported
    this.#unreported = undefined
    if (failure) throw failure
  }

  /** Stores what waits and refuses what comes later. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.flush()
    return this.#closed
  }

  stats(): WriterStats {
    let pending = this.#pending
    let pendingBytes = this.#pendingBytes
    for (const lane of this.#lanes) {
      pending += lane.#pending
      pendingBytes += lane.#pendingBytes
    }
    return { ...this.#counts, pending, pendingBytes }
  }

  get #pending(): number {
    return this.#queue.length + this.#sendingRows
  }

  get #pendingBytes(): number {
    return this.#queue.bytes + this.#sendingBytes
  }

  #accept(record: Input, index: number, defaults: RowDefaults, call: WriteCall): AcceptedRow | undefined {
    const before = replacedTexts()
    const checked = acceptRow(this.#parts.entity, record, defaults)
    this.#counts.replacedTexts += replacedTexts() - before
    const row = isAccepted(checked) && this.#parts.finish ? this.#parts.finish(checked, record) : checked
    if (isAccepted(row)) return row
    this.#counts.refused += 1
    const message = row.map((fault) => `${fault.field} ${fault.message}`).join('; ')
    call.refuse({ index, code: 'validation', message })
    return undefined
  }

  #isFull(row: Kept): boolean {
    const { queueRows, queueBytes } = this.#settings
    return this.#pending >= queueRows || (this.#pending > 0 && this.#pendingBytes + row.bytes > queueBytes)
  }

  /** Waits until the queue has room, unless rows are to be dropped then. */
  async #makeRoom(row: Kept): Promise<boolean> {
    if (this.#settings.whenFull === 'drop') return false
    while (this.#isFull(row)) {
      this.#hurry()
      await this.#endOfBatch()
    }
    return true
  }

  #endOfBatch(): Promise<void> {
    return new Promise((resolve) => this.#batchWaiters.push(resolve))
  }

  #drop(index: number, call: WriteCall): void {
    this.#counts.accepted += 1
    this.#counts.dropped += 1
    call.refuse({ index, code: 'pool', message: 'was dropped because the queue is full' })
  }

  #enqueue(waiting: Waiting): void {
    this.#counts.accepted += 1
    this.#enqueued += 1
    waiting.call.add()
    this.#queue.push(waiting)
    if (this.#isDue()) this.#start()
    else this.#startTimer()
  }

  #startTimer(): void {
    this.#timer ??= setTimeout(() => this.#hurry(), this.#settings.maxAgeMs).unref()
  }

  #stopTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Everything that waits is wanted now. */
  #hurry(): void {
    this.#stopTimer()
    this.#queue.hurry()
    this.#start()
  }

  #isDue(): boolean {
    const { batchRows, batchBytes } = this.#settings
    return this.#queue.urgent > 0 || this.#queue.length >= batchRows || this.#queue.bytes >= batchBytes
  }

  #start(): void {
    this.#loop ??= this.#run()
  }

  async #run(): Promise<void> {
    // Calls that are made in the same turn share the first batch.
    await setImmediate()
    let settle = () => {}
    while (this.#queue.length > 0 && this.#isDue()) {
      const taken = this.#take()
      const sending = this.#send(taken)
      // The next batch is on its way before the last one is told of: the database does not wait for that.
      settle()
      const outcome = await sending
      settle = () => {
        outcome()
        this.#finished += taken.batch.length + taken.repeats.length
        for (const wake of this.#batchWaiters.splice(0)) wake()
      }
    }
    settle()
    // In the same turn as the last look at the queue: a row that comes now starts the next loop.
    this.#loop = undefined
  }

  #take(): Taken {
    const { batchRows, batchBytes } = this.#settings
    const taken = this.#queue.take(batchRows, Math.min(batchBytes, this.#parts.sink.maxBatchBytes))
    this.#stopTimer()
    if (this.#queue.length > 0) this.#startTimer()
    this.#sendingRows += taken.length
    for (const { row } of taken) this.#sendingBytes += row.bytes
    return lastOfEachKey(taken)
  }

  /** Has a batch stored, and answers with what tells everybody of it. */
  async #send({ batch, repeats }: Taken): Promise<() => void> {
    this.#counts.batches += 1
    const { entity, projectId, sink } = this.#parts
    const rows = batch.map(({ row }) => row)
    const settle = (tell: () => void) => () => {
      const given = [...rows, ...repeats.map(({ row }) => row)]
      for (const { bytes } of given) this.#sendingBytes -= bytes
      this.#sendingRows -= given.length
      sink.release?.(given)
      tell()
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

  /** Rows that gave way are acknowledged when what they gave way to is stored. */
  #deduplicate(repeats: readonly Waiting[]): void {
    this.#counts.deduplicated += repeats.length
    for (const { call } of repeats) call.deduplicate()
  }

  #giveUp(batch: readonly Waiting[], error: StorageError): void {
    this.#counts.dropped += batch.length
    for (const { call } of batch) call.fail(error)
    if (batch.some(({ call }) => !call.awaited)) this.#unreported ??= error
  }

  #settle(batch: readonly Waiting[], result: SinkResult): void {
    const rejected = new Map(result.rejected.map((row) => [row.index, row]))
    this.#counts.stored += result.stored
    this.#counts.deduplicated += result.superseded
    this.#counts.rejected += rejected.size
    let superseded = result.superseded
    batch.forEach(({ call, index }, place) => {
      const refusal = rejected.get(place)
      if (refusal) call.reject({ ...refusal, index })
      else if (superseded-- > 0) call.deduplicate()
      else call.store()
    })
    const unheard = result.rejected.some(({ index }) => batch[index]?.call.awaited === false)
    if (unheard) this.#unreported ??= new BatchError(this.#parts.entity, result.stored, result.rejected)
  }
}

const isIterable = <T extends object>(value: T | Iterable<T>): value is Iterable<T> => Symbol.iterator in value
