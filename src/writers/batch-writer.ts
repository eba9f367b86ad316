import { setImmediate } from 'node:timers/promises'
import { ExponentialBackoff, fullJitterGenerator, handleWhen, type RetryPolicy, retry } from 'cockatiel'
import { now } from '../clock.ts'
import { BatchError, PoolError, StorageError, storageError } from '../errors.ts'
import { acceptRow, type Checked, isAccepted } from './accept.ts'
import { type AcceptedRow, columnSpecs, type Entity } from './accepted-row.ts'
import { type BulkOptions, type BulkResult, writeBulk } from './bulk.ts'
import { type Ack, type WriterOptions, type WriterSettings, type WriterStats, writerSettings } from './options.ts'
import type { Sink, SinkResult } from './sinks/sink.ts'
import { WriteCall, type WriteResult } from './write-call.ts'

interface Waiting {
  readonly row: AcceptedRow
  readonly call: WriteCall
  readonly index: number
}

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

/** How many rows are checked before other work gets its turn. */
const rowsPerTurn = 2_000

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
  readonly #keyIndexes: readonly number[]
  #queue: Waiting[] = []
  #queueBytes = 0
  #sending: readonly Waiting[] = []
  #sendingBytes = 0
  /** Rows at the head of the queue that somebody waits for. */
  #urgent = 0
  #loop: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #roomWaiters: (() => void)[] = []
  #unreported: StorageError | undefined
  #closed: Promise<void> | undefined
  /** Writers of a running bulk write, which count here. */
  readonly #lanes = new Set<BatchWriter<Input>>()
  #counts = {
    accepted: 0,
    refused: 0,
    stored: 0,
    deduplicated: 0,
    rejected: 0,
    dropped: 0,
    batches: 0,
    retries: 0,
  }

  constructor(parts: BatchWriterParts<Input>, options: WriterOptions = {}) {
    this.#parts = parts
    this.#settings = writerSettings(options)
    const { maxAttempts, retryDelayMs, maxRetryDelayMs } = this.#settings
    this.#retry = retry(
      handleWhen((error) => error instanceof StorageError && error.retryable),
      {
        maxAttempts: maxAttempts - 1,
        backoff: new ExponentialBackoff({
          initialDelay: retryDelayMs,
          maxDelay: maxRetryDelayMs,
          generator: fullJitterGenerator,
        }),
      },
    )
    this.#retry.onFailure(({ reason }) => {
      if ('error' in reason && reason.error instanceof StorageError) this.#settings.onError(reason.error)
    })
    this.#retry.onRetry(() => {
      this.#counts.retries += 1
    })
    this.#keyIndexes = columnSpecs[parts.entity].flatMap(({ primaryKey, key }, index) =>
      primaryKey && key !== 'projectId' ? [index] : [],
    )
  }

  /**
   * Checks and stores records. Every record that can be stored is, whatever happens to the others.
   *
   * @throws BatchError when some records cannot be stored, with the index and the fault of each; StorageError when the
   *   database stayed away
   */
  async write(records: Input | Iterable<Input>, options: { ack?: Ack } = {}): Promise<WriteResult> {
    const { entity } = this.#parts
    const call = new WriteCall(entity)
    const urgent = (options.ack ?? this.#settings.ack) === 'committed'
    const stamp = now()
    const defaults = { ...this.#parts.defaults(stamp), projectId: this.#parts.projectId, writtenAt: stamp }
    let index = 0
    for (const record of isIterable(records) ? records : [records]) {
      if (this.#closed) throw new PoolError(`Could not write ${entity}: the writer is closed.`)
      const row = this.#accept(record, index, defaults, call)
      if (row) {
        if (this.#isFull(row) && !(await this.#makeRoom(row))) this.#drop(index, call)
        else this.#enqueue({ row, call, index }, urgent)
      }
      index += 1
      if (index % rowsPerTurn === 0) await setImmediate()
    }
    call.complete()
    if (urgent) return call.settled
    if (call.rejected.length > 0) throw new BatchError(entity, index - call.rejected.length, call.rejected)
    return { stored: 0, deduplicated: 0 }
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
      const lane = new BatchWriter(this.#parts, { ...this.#settings, whenFull: 'block' })
      lane.#counts = this.#counts
      this.#lanes.add(lane)
      return lane
    })
    const laneOf = (record: Input) => hash((record as { traceId?: unknown }).traceId) % count
    try {
      return await writeBulk(
        records,
        lanes.map((lane) => (rows) => lane.write(rows, { ack: 'committed' })),
        laneOf,
        options,
      )
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
    this.#hurry()
    while (this.#loop && (this.#urgent > 0 || this.#sending.length > 0)) await this.#loop
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
    let pending = this.#queue.length + this.#sending.length
    let pendingBytes = this.#queueBytes + this.#sendingBytes
    for (const lane of this.#lanes) {
      pending += lane.#queue.length + lane.#sending.length
      pendingBytes += lane.#queueBytes + lane.#sendingBytes
    }
    return { ...this.#counts, pending, pendingBytes }
  }

  #accept(record: Input, index: number, defaults: Record<string, unknown>, call: WriteCall): AcceptedRow | undefined {
    const checked = acceptRow(this.#parts.entity, record, defaults)
    const row = isAccepted(checked) && this.#parts.finish ? this.#parts.finish(checked, record) : checked
    if (isAccepted(row)) {
      this.#counts.accepted += 1
      return row
    }
    this.#counts.refused += 1
    const message = row.map((fault) => `${fault.field} ${fault.message}`).join('; ')
    call.refuse({ index, code: 'validation', message })
    return undefined
  }

  #isFull(row: AcceptedRow): boolean {
    const { queueRows, queueBytes } = this.#settings
    const { pending, pendingBytes } = this.stats()
    return pending >= queueRows || (pending > 0 && pendingBytes + row.bytes > queueBytes)
  }

  /** Waits until the queue has room, unless rows are to be dropped then. */
  async #makeRoom(row: AcceptedRow): Promise<boolean> {
    if (this.#settings.whenFull === 'drop') return false
    while (this.#isFull(row)) {
      this.#hurry()
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve))
    }
    return true
  }

  #drop(index: number, call: WriteCall): void {
    this.#counts.dropped += 1
    call.refuse({ index, code: 'pool', message: 'was dropped because the queue is full' })
  }

  #enqueue(waiting: Waiting, urgent: boolean): void {
    waiting.call.add()
    this.#queue.push(waiting)
    this.#queueBytes += waiting.row.bytes
    if (urgent) this.#urgent = this.#queue.length
    if (this.#isDue()) this.#start()
    else this.#timer ??= setTimeout(() => this.#hurry(), this.#settings.maxAgeMs).unref()
  }

  /** Everything that waits is wanted now. */
  #hurry(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#urgent = this.#queue.length
    this.#start()
  }

  #isDue(): boolean {
    const { batchRows, batchBytes } = this.#settings
    return this.#urgent > 0 || this.#queue.length >= batchRows || this.#queueBytes >= batchBytes
  }

  #start(): void {
    this.#loop ??= this.#run()
  }

  async #run(): Promise<void> {
    // Calls that are made in the same turn share the first batch.
    await setImmediate()
    while (this.#queue.length > 0 && this.#isDue()) {
      const batch = this.#take()
      await this.#send(batch)
      for (const wake of this.#roomWaiters.splice(0)) wake()
    }
    // In the same turn as the last look at the queue: a row that comes now starts the next loop.
    this.#loop = undefined
  }

  #take(): readonly Waiting[] {
    const { batchRows, batchBytes } = this.#settings
    let size = 0
    let bytes = 0
    while (size < this.#queue.length && size < batchRows && (size === 0 || bytes < batchBytes)) {
      bytes += this.#queue[size]?.row.bytes ?? 0
      size += 1
    }
    this.#sending = this.#queue.splice(0, size)
    this.#sendingBytes = bytes
    this.#queueBytes -= bytes
    this.#urgent = Math.max(0, this.#urgent - size)
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#queue.length > 0) this.#timer = setTimeout(() => this.#hurry(), this.#settings.maxAgeMs).unref()
    return this.#sending
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const kept = this.#withoutRepeats(batch)
    this.#counts.batches += 1
    try {
      const { entity, projectId, sink } = this.#parts
      const rows = kept.map(({ row }) => row)
      const result = await this.#retry.execute(() => sink.write({ entity, projectId, rows }))
      this.#settle(kept, result)
    } catch (thrown) {
      const error = storageError(thrown, `write ${kept.length} rows of ${this.#parts.entity}`)
      this.#counts.dropped += kept.length
      this.#unreported ??= error
      for (const { call } of kept) call.fail(error)
    } finally {
      this.#sending = []
      this.#sendingBytes = 0
    }
  }

  /** Of rows with the same key the last one is kept: one statement cannot store a key twice. */
  #withoutRepeats(batch: readonly Waiting[]): readonly Waiting[] {
    const last = new Map<string, Waiting>()
    for (const waiting of batch) {
      const key = this.#keyIndexes.map((index) => waiting.row.values[index]).join('\0')
      const earlier = last.get(key)
      if (earlier) {
        earlier.call.deduplicate()
        this.#counts.deduplicated += 1
      }
      last.set(key, waiting)
    }
    return last.size === batch.length ? batch : [...last.values()]
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
    const [first] = result.rejected
    if (first) this.#unreported ??= new BatchError(this.#parts.entity, result.stored, result.rejected)
  }
}

const isIterable = <T extends object>(value: T | Iterable<T>): value is Iterable<T> => Symbol.iterator in value

/** A small number from a trace id, spread evenly (FNV-1a). */
function hash(id: unknown): number {
  let value = 0x811c9dc5
  if (typeof id !== 'string') return 0
  for (let i = 0; i < id.length; i += 1) value = Math.imul(value ^ id.charCodeAt(i), 0x01000193)
  return value >>> 0
}
