import { storageError } from '../driver-errors/storage-error.ts'
import { Deadline, settlesWithin } from '../engines/deadline.ts'
import { BatchError, PoolError, type RejectedRow, type StorageError, TimeoutError } from '../errors.ts'
import type { ReadResult } from '../formats/read-result.ts'
import { ingest } from '../ingest/ingest.ts'
import { untraced } from '../untraced.ts'
import { type ExporterOptions, type ExportFailure, exporterDefaults } from './options.ts'
import type { ResultCallback } from './sdk.ts'
import { type StoreSource, storeSource } from './store-source.ts'

/** What an exporter has done: `exported` is the sum of `stored`, `refused`, `lost` and `pending`. */
export interface ExporterStats {
  /** Records that the SDK handed over. */
  readonly exported: number
  /** Records that are stored, left out by `transform`, or not needed, since a span that ran has ended. */
  readonly stored: number
  /** Records, or parts of them, that can never be stored: each is named to `onError`. */
  readonly refused: number
  /** Records given up: the database stayed away, the queue was full, or the exporter was shut down. */
  readonly lost: number
  /** Records that wait or are being stored. */
  readonly pending: number
  /** Exports that were answered as failed after `timeoutMs`, and that the writers went on with. */
  readonly late: number
}

/** What closing a store has at least, in milliseconds. */
const closingMs = 1_000

/** Reads the records of an export, once the store is open. */
export type ReadExport = () => Promise<ReadResult>

/**
 * Stores what the SDK exports, and keeps what it promises: every export is answered once, when its rows are committed or
 * lost. Open: exports run. Shut down: running exports end, those that take too long are given up where the store is the
 * exporter's own, and further ones fail. Nothing throws into the agent.
 */
export class StoredExports {
  readonly #signal: ExportFailure['signal']
  readonly #source: StoreSource
  readonly #timeoutMs: number
  readonly #queueRecords: number
  readonly #onError: ExporterOptions['onError']
  readonly #running = new Set<Promise<void>>()
  readonly #counts = { exported: 0, stored: 0, refused: 0, lost: 0, late: 0 }
  #pending = 0
  #shutdown: Promise<void> | undefined

  constructor(signal: ExportFailure['signal'], options: ExporterOptions) {
    this.#signal = signal
    this.#source = storeSource(options)
    this.#timeoutMs = options.timeoutMs ?? exporterDefaults.timeoutMs
    this.#queueRecords = options.queueRecords ?? exporterDefaults.queueRecords
    this.#onError = options.onError
  }

  /** Stores the records of an export, and answers. */
  export(records: number, read: ReadExport, callback: ResultCallback): void {
    this.#counts.exported += records
    const error = this.#refusal(records)
    if (error) {
      this.#counts.lost += records
      this.#answer(callback, error, records)
      return
    }
    this.#pending += records
    const storing = this.#store(records, read, new Deadline(this.#timeoutMs))
    const running = this.#answerInTime(storing, records, callback).finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /** Resolves when every export before it is answered. */
  async forceFlush(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  /** Answers what runs, refuses what comes, and gives the store back. Safe to call twice. */
  shutdown(): Promise<void> {
    this.#shutdown ??= this.#end()
    return this.#shutdown
  }

  stats(): ExporterStats {
    return { ...this.#counts, pending: this.#pending }
  }

  async #end(): Promise<void> {
    const deadline = new Deadline(Math.min(this.#timeoutMs, exporterDefaults.timeoutMs))
    await settlesWithin(this.forceFlush(), deadline.leftMs)
    // What is lost now is told by its callback.
    await this.#source.release(Math.max(deadline.leftMs, closingMs)).catch(() => {})
  }

  #refusal(records: number): StorageError | undefined {
    const what = `Could not store ${records} ${this.#signal}`
    if (this.#shutdown) return new PoolError(`${what}: the exporter is shut down.`)
    if (this.#pending === 0 || this.#pending + records <= this.#queueRecords) return undefined
    return new PoolError(`${what}: ${this.#pending} wait for the database already (queueRecords).`)
  }

  /** Stores everything that can be stored; the failure of the rest is the value, and never thrown. */
  async #store(records: number, read: ReadExport, deadline: Deadline): Promise<StorageError | undefined> {
    let error: StorageError | undefined
    try {
      const store = await untraced(() => this.#source.get(deadline))
      const result = await read()
      const refused = [...unreadOf(result), ...(await untraced(() => ingest(store, result)))]
      const rows = Math.min(refused.length, records)
      this.#counts.refused += rows
      this.#counts.stored += records - rows
      if (rows > 0) error = new BatchError(this.#signal, records - rows, refused)
    } catch (thrown) {
      this.#counts.lost += records
      error = storageError(thrown, `store ${records} ${this.#signal}`)
    }
    this.#pending -= records
    return error
  }

  async #answerInTime(
    storing: Promise<StorageError | undefined>,
    records: number,
    callback: ResultCallback,
  ): Promise<void> {
    if (await settlesWithin(storing, this.#timeoutMs)) {
      this.#answer(callback, await storing, records)
      return
    }
    this.#counts.late += 1
    const waiting = `Could not store ${records} ${this.#signal} within ${this.#timeoutMs} ms; the writers go on trying`
    this.#answer(callback, new TimeoutError(waiting), records)
  }

  #answer(callback: ResultCallback, error: StorageError | undefined, records: number): void {
    const lost = error instanceof BatchError ? error.rejected.length : records
    // Somebody else's functions: what they throw is theirs, and changes nothing here.
    const call = async () => callback(error ? { code: 1, error } : { code: 0 })
    call().catch(() => {})
    if (!error || !this.#onError) return
    const tell = async () => this.#onError?.(error, { signal: this.#signal, records: lost })
    tell().catch(() => process.emitWarning('The onError of an exporter failed.', 'TraceholdWarning'))
  }
}

/** What the reader could not take, as rows that were refused. */
const unreadOf = ({ rejected }: ReadResult): RejectedRow[] =>
  rejected.map(({ path, reason }, index) => ({
    index: Number(/^\w+\[(\d+)\]/.exec(path)?.[1] ?? index),
    code: 'validation',
    message: `${path} ${reason}`,
  }))
