import { type AcceptedRow, type Entity, leadingKeyOf } from '../rows/accepted-row.ts'
import type { Pool } from './pool.ts'
import type { RunBatch, RunResult } from './runs.ts'
import type { Batch, Kept, RunSink, Sink, SinkResult } from './sink.ts'
import { tellChange } from './write-events.ts'

/** Tables whose rows belong to a trace and show in it. */
const ofTraces: ReadonlySet<string> = new Set(['traces', 'spans', 'events'])

/** A sink that tells what it changed, so that caches and subscriptions know: every write of a pool passes it. */
export class TellingSink implements Sink, RunSink {
  readonly #pool: Pool
  readonly #sink: Sink & RunSink

  constructor(pool: Pool, sink: Sink & RunSink) {
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

  keep(entity: Entity, row: AcceptedRow): Kept {
    return this.#sink.keep(entity, row)
  }

  release(rows: readonly Kept[]): void {
    this.#sink.release?.(rows)
  }

  write(batch: Batch<Kept>): Promise<SinkResult> {
    const { projectId, entity, rows } = batch
    return this.#telling(this.#sink.write(batch), () => ({
      projectId,
      // A trace's row follows from its spans.
      entities: entity === 'spans' ? ['spans', 'traces'] : [entity],
      traceIds: ofTraces.has(entity) ? [...new Set(rows.map(({ leadingKey }) => leadingKey))] : [],
    }))
  }

  replaceRuns(batch: RunBatch): Promise<RunResult> {
    const traceIds = () => batch.traces.map((row) => leadingKeyOf('traces', row))
    return this.#telling(this.#sink.replaceRuns(batch), () => this.#wholeTraces(batch.projectId, traceIds()))
  }

  deleteTraces(projectId: string, traceIds: readonly string[]): Promise<number> {
    return this.#telling(this.#sink.deleteTraces(projectId, traceIds), () => this.#wholeTraces(projectId, traceIds))
  }

  forgetSpans(projectId: string, traceIds: readonly string[], source: string): Promise<void> {
    const forgotten = this.#sink.forgetSpans(projectId, traceIds, source)
    return this.#telling(forgotten, () => this.#wholeTraces(projectId, traceIds))
  }

  #wholeTraces(projectId: string, traceIds: readonly string[]) {
    return { projectId, entities: ['traces', 'spans', 'events'] as const, traceIds }
  }

  async #telling<T>(writing: Promise<T>, makeChange: Parameters<typeof tellChange>[1]): Promise<T> {
    try {
      return await writing
    } finally {
      tellChange(this.#pool, makeChange)
    }
  }
}
