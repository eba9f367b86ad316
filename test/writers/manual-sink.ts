import { type Batch, type PreparedValues, prepareValues, type Sink, type SinkResult } from '../../src/engines/sink.ts'
import { StorageError } from '../../src/index.ts'
import type { AcceptedRow, Entity } from '../../src/rows/accepted-row.ts'

/** What a test decides of a batch: rows that are not named are stored. */
export type Decision = Partial<Omit<SinkResult, 'stored'>>

interface Waiting {
  readonly batch: Batch
  settle(result: SinkResult | StorageError): void
}

/** A sink whose batches wait until a test says what becomes of each. */
export class ManualSink implements Sink<PreparedValues> {
  readonly maxConcurrency = 1
  readonly bulkRows = 5_000
  readonly bulkBytes = 16 * 1024 * 1024
  readonly maxBatchBytes = Number.POSITIVE_INFINITY
  readonly batches: Batch[] = []
  #waiting: Waiting | undefined
  #arrived: (() => void) | undefined
  #storesAll = false

  prepare(entity: Entity, row: AcceptedRow): PreparedValues {
    return prepareValues(entity, row)
  }

  write(batch: Batch<PreparedValues>): Promise<SinkResult> {
    this.batches.push(batch)
    const outcome = new Promise<SinkResult>((resolve, reject) => {
      const settle = (result: SinkResult | StorageError) =>
        result instanceof StorageError ? reject(result) : resolve(result)
      this.#waiting = { batch, settle }
    })
    this.#arrived?.()
    if (this.#storesAll) this.#decide({})
    return outcome
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined
  }

  /** Resolves as soon as a batch waits. */
  async waiting(): Promise<void> {
    if (this.#waiting) return
    await new Promise<void>((resolve) => {
      this.#arrived = resolve
    })
  }

  /** Waits for a batch and decides about it. */
  async store(decision: Decision = {}): Promise<Batch> {
    await this.waiting()
    return this.#decide(decision)
  }

  /** Waits for a batch and refuses it whole. */
  async fail(error: StorageError): Promise<void> {
    await this.waiting()
    this.#take().settle(error)
  }

  /** From now on every batch is stored at once. */
  storeAll(): void {
    this.#storesAll = true
    if (this.#waiting) this.#decide({})
  }

  #decide({ rejected = [], superseded = [] }: Decision): Batch {
    const { batch, settle } = this.#take()
    settle({ stored: batch.rows.length - rejected.length - superseded.length, superseded, rejected })
    return batch
  }

  #take(): Waiting {
    const waiting = this.#waiting
    if (!waiting) throw new Error('No batch waits')
    this.#waiting = undefined
    return waiting
  }
}
