import { setImmediate as nextTurn } from 'node:timers'
import { setImmediate } from 'node:timers/promises'
import { now } from '../clock.ts'
import { type FlushOptions, settlesWithin } from '../engines/deadline.ts'
import type { Sink } from '../engines/sink.ts'
import { BatchError, type Fault, PoolError } from '../errors.ts'
import type { AcceptedRow, Entity } from '../rows/accepted-row.ts'
import { acceptRow, type Checked, isAccepted, type RowDefaults, rowDefaults } from './accept.ts'
import { BatchSender } from './batch-sender.ts'
import { type Admission, type BulkOptions, type BulkResult, writeBulk } from './bulk.ts'
import { allOf } from './losses.ts'
import {
  type Ack,
  isAwaited,
  noCounts,
  type WriterCounts,
  type WriterOptions,
  type WriterSettings,
  type WriterStats,
  writerSettings,
} from './options.ts'
import type { Waiting } from './row-queue.ts'
import { hookOfSettings } from './transforms/hook-of-settings.ts'
import type { Hook } from './transforms/transform.ts'
import { WriteCall, type WriteResult } from './write-call.ts'

/** What a batch writer needs. */
export interface BatchWriterParts<Input> {
  readonly entity: Entity
  readonly projectId: string
  /** Makes a sink. Each connection of a bulk write has its own, so that its rows are adjacent in memory. */
  readonly makeSink: () => Sink
  /** Defaults of required columns; `stamp` is when the record was accepted. */
  readonly defaults: (stamp: Date | string) => Readonly<Record<string, unknown>>
  /** Completes a row whose columns passed their checks, or returns its faults. */
  readonly finish?: (row: AcceptedRow, record: Input) => Checked
}

/** Rows that are checked before other work gets its turn: a batch in flight must not wait for long. */
const rowsPerTurn = 50
/** How long rows of a bulk write wait for a full batch, in milliseconds: small batches are expensive. */
const bulkAgeMs = 10_000

/**
 * Checks records, and stores their rows in batches through a `BatchSender`. After `close`, `write` throws.
 */
export class BatchWriter<Input extends object> {
  readonly #parts: BatchWriterParts<Input>
  readonly #sink: Sink
  readonly #settings: WriterSettings
  readonly #counts: WriterCounts
  readonly #sender: BatchSender
  readonly #hook: Hook | undefined
  #closed: Promise<void> | undefined
  /** Writers of running bulk writes; they share the counters. */
  readonly #lanes = new Set<BatchWriter<Input>>()

  constructor(parts: BatchWriterParts<Input>, options: WriterOptions = {}, counts: WriterCounts = { ...noCounts }) {
    const { entity, projectId } = parts
    this.#parts = parts
    this.#sink = parts.makeSink()
    this.#settings = writerSettings(options)
    this.#hook = hookOfSettings(this.#settings)
    this.#counts = counts
    this.#sender = new BatchSender({ entity, projectId, sink: this.#sink, settings: this.#settings, counts })
  }

  /**
   * Checks and stores records. Every record that can be stored is, whatever happens to the others.
   *
   * @throws BatchError when some records cannot be stored, with the index and the fault of each; StorageError when the
   *   database stayed away
   */
  async write(records: Input | Iterable<Input>, options: { ack?: Ack } = {}): Promise<WriteResult> {
    const awaited = isAwaited(options.ack ?? this.#settings.ack)
    const call = await takeAll(this.#begin(awaited, now()), isIterable(records) ? records : [records])
    if (awaited) return call.settled
    const { entity } = this.#parts
    if (call.rejected.length > 0) throw new BatchError(entity, call.accepted, call.rejected)
    return { stored: 0, deduplicated: 0 }
  }

  /**
   * Begins a call, which takes its records one after the other.
   *
   * @param stampOfCall the stamp of all records. @default the time at which each is taken
   */
  #begin(awaited: boolean, stampOfCall?: string): Admission<Input, WriteCall> {
    const { entity, projectId } = this.#parts
    const call = new WriteCall(entity, awaited)
    let taken = 0
    let bytes = 0
    let stamp = ''
    let defaults: RowDefaults | undefined
    const take = (record: Input): Promise<void> | undefined => {
      this.#refuseWhenClosed()
      if (!defaults) {
        stamp = stampOfCall ?? now()
        defaults = rowDefaults(entity, { ...this.#parts.defaults(stamp), projectId, writtenAt: stamp })
        // The stamp holds until other code has run, which may have written: later rows need a higher one.
        if (!stampOfCall) nextTurn(() => (defaults = undefined))
      }
      const index = taken
      taken += 1
      const accepted = this.#accept(record, index, defaults, call)
      if (accepted) {
        const row = this.#sink.prepare(entity, accepted)
        bytes += row.bytes
        const waiting = { row, stamp, call, index }
        if (!this.#sender.isFull(row)) this.#sender.add(waiting)
        else if (this.#settings.whenFull === 'block') return this.#addWhenThereIsRoom(waiting)
        else this.#drop(waiting)
      }
      return taken % rowsPerTurn === 0 ? setImmediate() : undefined
    }
    const end = () => {
      call.complete()
      if (awaited) this.#sender.hurry()
      return call
    }
    return {
      take,
      get bytes() {
        return bytes
      },
      end,
    }
  }

  async #addWhenThereIsRoom(waiting: Waiting): Promise<void> {
    await this.#sender.makeRoom(waiting.row)
    // A writer that was closed meanwhile sends no further batch.
    if (this.#closed) this.#sink.free?.([waiting.row])
    this.#refuseWhenClosed()
    this.#sender.add(waiting)
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new PoolError(`Could not write ${this.#parts.entity}: the writer is closed.`)
  }

  /**
   * Stores records of an iterable of any length in constant memory, over several connections. Every record that can be
   * stored is; the result names the others. However it ends, what was read is stored or given up. Records of a slow
   * source wait up to ten seconds for others (`maxAgeMs`, where that is more).
   *
   * @throws StorageError when the database is unreachable; the signal's reason when it is aborted; what the iterable or
   *   `onProgress` threw
   */
  async bulk(records: Iterable<Input> | AsyncIterable<Input>, options: BulkOptions = {}): Promise<BulkResult> {
    this.#refuseWhenClosed()
    const { maxConcurrency, bulkRows, bulkBytes } = this.#sink
    const count = Math.max(1, Math.min(options.connections ?? 2, maxConcurrency))
    // A call ends with the row that fills a batch, so that no row waits for the next call.
    const most = { rows: bulkRows, bytes: Math.max(this.#settings.batchBytes, bulkBytes) }
    const lanes = Array.from({ length: count }, () => {
      const batchRows = Math.max(this.#settings.batchRows, bulkRows)
      const maxAgeMs = Math.max(this.#settings.maxAgeMs, bulkAgeMs)
      const sizes = { batchRows, batchBytes: most.bytes }
      const settings: WriterSettings = { ...this.#settings, ...sizes, maxAgeMs, whenFull: 'block' }
      const lane = new BatchWriter(this.#parts, settings, this.#counts)
      this.#lanes.add(lane)
      return lane
    })
    const calls = lanes.map((lane) => () => lane.#begin(true))
    try {
      return await writeBulk(records, calls, most, options)
    } finally {
      await allOf(lanes.map((lane) => lane.#settle()))
      for (const lane of lanes) this.#lanes.delete(lane)
    }
  }

  /**
   * Stores everything that was accepted before this call, also by a running bulk write.
   *
   * @throws StorageError when rows that were acknowledged as queued could not be stored since the last flush: the
   *   failure, or a LossError with all of them; TimeoutError when the deadline passed, and rows wait still
   */
  flush(options?: FlushOptions): Promise<void> {
    const flushed = allOf([this.#sender, ...this.#lanes].map((part) => part.flush(options)))
    return this.#settledAfter(flushed, options)
  }

  /** Brings up to date what the engine has put off, once rows are stored; also where some were lost. */
  #settledAfter(stored: Promise<void>, { deadlineMs }: FlushOptions = {}): Promise<void> {
    const settled = stored.then(
      () => this.#settle(),
      () => this.#settle(),
    )
    return allOf([stored, deadlineMs === undefined ? settled : settlesWithin(settled, deadlineMs)])
  }

  async #settle(): Promise<void> {
    await this.#sink.settle?.()
  }

  /**
   * Stores waiting rows and refuses new ones, which ends bulk writes. Safe to call twice.
   *
   * @param options with a deadline, the rows that are left then are given up: counted as dropped, and reported
   * @throws StorageError when rows that were acknowledged as queued could not be stored since the last flush
   */
  close(options?: FlushOptions): Promise<void> {
    this.#closed ??= this.#settledAfter(
      allOf([this.#sender, ...this.#lanes].map((part) => part.close(options))),
      options,
    )
    return this.#closed
  }

  stats(): WriterStats {
    const all = [this.#sender, ...[...this.#lanes].map((lane) => lane.#sender)]
    const pending = all.reduce((sum, { rows }) => sum + rows, 0)
    const pendingBytes = all.reduce((sum, { bytes }) => sum + bytes, 0)
    return { ...this.#counts, pending, pendingBytes }
  }

  #accept(record: Input, index: number, defaults: RowDefaults, call: WriteCall): AcceptedRow | undefined {
    const transformed = this.#hook?.(record, this.#parts.entity) ?? { record }
    if ('faults' in transformed) return this.#refuse(transformed.faults, index, call)
    // Undefined that a caller gave is no record: it is refused as such.
    if (transformed.record === undefined && record !== undefined) {
      this.#counts.discarded += 1
      return undefined
    }
    // A transform may answer with anything; the checks look at it as at what a caller gave.
    const given = transformed.record as Input
    const checked = acceptRow(this.#parts.entity, given, defaults, this.#counts)
    const row = isAccepted(checked) ? this.#complete(checked, given) : checked
    return isAccepted(row) ? row : this.#refuse(row, index, call)
  }

  #refuse(faults: readonly Fault[], index: number, call: WriteCall): undefined {
    this.#counts.refused += 1
    const message = faults.map((fault) => `${fault.field} ${fault.message}`).join('; ')
    call.refuse({ index, code: 'validation', message })
  }

  /** Completes a checked row; it reads the record once more, which may throw now. */
  #complete(row: AcceptedRow, record: Input): Checked {
    try {
      return this.#parts.finish?.(row, record) ?? row
    } catch {
      return [{ field: 'record', message: 'cannot be read: it throws' }]
    }
  }

  #drop({ row, call, index }: Waiting): void {
    this.#sink.free?.([row])
    this.#counts.accepted += 1
    this.#counts.dropped += 1
    call.refuse({ index, code: 'pool', message: 'was dropped because the queue is full' })
  }
}

/** Adds records to a call. If their iterator throws, the records before it are accepted. */
async function takeAll<Input, Call>(admission: Admission<Input, Call>, records: Iterable<Input>): Promise<Call> {
  let call: Call
  try {
    for (const record of records) {
      const taken = admission.take(record)
      if (taken) await taken
    }
  } finally {
    call = admission.end()
  }
  return call
}

function isIterable<T extends object>(value: T | Iterable<T>): value is Iterable<T> {
  try {
    return Symbol.iterator in value
  } catch {
    // No object, or a Proxy that throws: the checks of a record refuse it.
    return false
  }
}
