import { setImmediate } from 'node:timers/promises'
import { now } from '../clock.ts'
import { BatchError, PoolError } from '../errors.ts'
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
import { Outbox } from './outbox.ts'
import { replacedTexts } from './safe-json.ts'
import type { Kept, Sink } from './sinks/sink.ts'
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
 * Checks records, and has the rows that they make stored in batches: an `Outbox` sends them, and says what became of them.
 * After `close`, `write` throws.
 */
export class BatchWriter<Input extends object> {
  readonly #parts: BatchWriterParts<Input>
  readonly #settings: WriterSettings
  readonly #counts: WriterCounts
  readonly #outbox: Outbox
  #closed: Promise<void> | undefined
  /** Writers of a running bulk write, which count here. */
  readonly #lanes = new Set<BatchWriter<Input>>()

  constructor(parts: BatchWriterParts<Input>, options: WriterOptions = {}, counts: WriterCounts = { ...noCounts }) {
    const { entity, projectId, sink } = parts
    this.#parts = parts
    this.#settings = writerSettings(options)
    this.#counts = counts
    this.#outbox = new Outbox({ entity, projectId, sink, settings: this.#settings, counts })
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
    try {
      for (const record of records) {
        this.#refuseWhenClosed()
        const accepted = this.#accept(record, index, defaults, call)
        if (accepted) {
          const row = sink.keep(entity, accepted)
          const isFull = this.#outbox.isFull(row)
          if (isFull && this.#settings.whenFull === 'drop') {
            sink.release?.([row])
            this.#drop(index, call)
          } else {
            if (isFull) await this.#makeRoom(row)
            this.#outbox.add({ row, key: keyOf(entity, accepted), stamp, call, index })
          }
        }
        index += 1
        if (index % rowsPerTurn === 0) await setImmediate()
      }
    } finally {
      // Also where the records end in an error: those before it are accepted.
      call.complete()
      if (awaited) this.#outbox.hurry()
    }
    return call
  }

  /** Waits until a row has room. A writer that was closed meanwhile has sent its last batch. */
  async #makeRoom(row: Kept): Promise<void> {
    await this.#outbox.makeRoom(row)
    if (this.#closed) this.#parts.sink.release?.([row])
    this.#refuseWhenClosed()
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new PoolError(`Could not write ${this.#parts.entity}: the writer is closed.`)
  }

  /**
   * Stores records of an iterable of any length in constant memory, over several connections. Every record that can be
   * stored is; the result names the others. However it ends, what it had accepted by then is stored or given up.
   *
   * @throws StorageError when the database stayed away; the signal's reason when it is aborted; what the iterable or
   *   `onProgress` threw
   */
  async bulk(records: Iterable<Input> | AsyncIterable<Input>, options: BulkOptions = {}): Promise<BulkResult> {
    this.#refuseWhenClosed()
    const { sink } = this.#parts
    const count = Math.max(1, Math.min(options.connections ?? 2, sink.maxConcurrency))
    const lanes = Array.from({ length: count }, () => {
      const batchRows = Math.max(this.#settings.batchRows, sink.bulkRows)
      const batchBytes = Math.max(this.#settings.batchBytes, sink.bulkBytes)
      const settings: WriterSettings = { ...this.#settings, batchRows, batchBytes, whenFull: 'block' }
      const lane = new BatchWriter(this.#parts, settings, this.#counts)
      this.#lanes.add(lane)
      return lane
    })
    const writes = lanes.map((lane) => (rows: Input[]) => lane.#admit(rows, true))
    try {
      return await writeBulk(records, writes, sink.bulkRows, options)
    } finally {
      await Promise.allSettled(lanes.map((lane) => lane.flush()))
      for (const lane of lanes) this.#lanes.delete(lane)
    }
  }

  /**
   * Stores everything that was accepted before this call, also by a bulk write that goes on.
   *
   * @throws StorageError when rows that were acknowledged as queued could not be stored since the last flush
   */
  flush(): Promise<void> {
    return allOf([this.#outbox, ...this.#lanes].map((part) => part.flush()))
  }

  /** Stores what waits and refuses what comes later, which ends a bulk write. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= allOf([this.#outbox.flush(), ...[...this.#lanes].map((lane) => lane.close())])
    return this.#closed
  }

  stats(): WriterStats {
    const all = [this.#outbox, ...[...this.#lanes].map((lane) => lane.#outbox)]
    const pending = all.reduce((sum, { rows }) => sum + rows, 0)
    const pendingBytes = all.reduce((sum, { bytes }) => sum + bytes, 0)
    return { ...this.#counts, pending, pendingBytes }
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

  #drop(index: number, call: WriteCall): void {
    this.#counts.accepted += 1
    this.#counts.dropped += 1
    call.refuse({ index, code: 'pool', message: 'was dropped because the queue is full' })
  }
}

/** Waits until all have ended, then fails as the first one that did. */
async function allOf(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) if (result.status === 'rejected') throw result.reason
}

const isIterable = <T extends object>(value: T | Iterable<T>): value is Iterable<T> => Symbol.iterator in value
