import type { SQL } from 'drizzle-orm'
import { type AcceptedRow, type Entity, leadingKeyOf } from '../rows/accepted-row.ts'
import type { DeletedTraces, LooseEntity } from './deleted-rows.ts'
import type { Pool } from './pool.ts'
import type { RunBatch, RunResult } from './runs.ts'
import type { Batch, EngineSink, PreparedRow, SinkOptions, SinkResult } from './sink.ts'
import { SparingSink } from './sparing-sink.ts'
import { notifyWrite } from './write-events.ts'

/** Tables whose rows belong to a trace and are part of what is read of it. */
const ofTraces: ReadonlySet<string> = new Set(['traces', 'spans', 'events'])

/** The sink of a pool. It stores nothing that was erased, and notifies caches and subscriptions of this process of every write. */
export const createSink = (pool: Pool, options?: SinkOptions): EngineSink =>
  new NotifyingSink(pool, new SparingSink(pool, pool.createEngineSink(options)))

/** Passes everything on to the engine's sink, and notifies of what was written. */
class NotifyingSink implements EngineSink {
  readonly #pool: Pool
  readonly #sink: EngineSink

  constructor(pool: Pool, sink: EngineSink) {
    this.#pool = pool
    this.#sink = sink
  }

  get maxConcurrency(): number {
    return this.#sink.maxConcurrency
  }

  get bulkRows(): number {
    return this.#sink.bulkRows
  }

  get bulkBytes(): number {
    return this.#sink.bulkBytes
  }

  get maxBatchBytes(): number {
    return this.#sink.maxBatchBytes
  }

  prepare(entity: Entity, row: AcceptedRow): PreparedRow {
    return this.#sink.prepare(entity, row)
  }

  free(rows: readonly PreparedRow[]): void {
    this.#sink.free?.(rows)
  }

  write(batch: Batch<PreparedRow>): Promise<SinkResult> {
    const { projectId, entity, rows } = batch
    return this.#notifying(this.#sink.write(batch), () => ({
      projectId,
      // A trace's row follows from its spans.
      entities: entity === 'spans' ? ['spans', 'traces'] : [entity],
      traceIds: ofTraces.has(entity) ? [...new Set(rows.map(({ leadingKey }) => leadingKey))] : [],
    }))
  }

  async settle(): Promise<void> {
    await this.#sink.settle?.()
  }

  replaceRuns(batch: RunBatch): Promise<RunResult> {
    const traceIds = () => batch.traces.map((row) => leadingKeyOf('traces', row))
    return this.#notifying(this.#sink.replaceRuns(batch), () => this.#wholeTraces(batch.projectId, traceIds()))
  }

  deleteTraces(projectId: string, traceIds: readonly string[], horizon?: number): Promise<DeletedTraces> {
    const deleted = this.#sink.deleteTraces(projectId, traceIds, horizon)
    return this.#notifying(deleted, () => this.#wholeTraces(projectId, traceIds))
  }

  deleteRows(projectId: string, entity: LooseEntity, where: SQL, atMost: number): Promise<number> {
    const deleted = this.#sink.deleteRows(projectId, entity, where, atMost)
    return this.#notifying(deleted, () => ({ projectId, entities: [entity], traceIds: [] }))
  }

  recountTraces(projectId: string, traceIds: readonly string[]): Promise<void> {
    const recounted = this.#sink.recountTraces(projectId, traceIds)
    return this.#notifying(recounted, () => this.#wholeTraces(projectId, traceIds))
  }

  forgetSpans(projectId: string, traceIds: readonly string[], source: string): Promise<void> {
    const forgotten = this.#sink.forgetSpans(projectId, traceIds, source)
    return this.#notifying(forgotten, () => this.#wholeTraces(projectId, traceIds))
  }

  #wholeTraces(projectId: string, traceIds: readonly string[]) {
    return { projectId, entities: ['traces', 'spans', 'events'] as const, traceIds }
  }

  async #notifying<T>(writing: Promise<T>, makeEvent: Parameters<typeof notifyWrite>[1]): Promise<T> {
    try {
      return await writing
    } finally {
      notifyWrite(this.#pool, makeEvent)
    }
  }
}
