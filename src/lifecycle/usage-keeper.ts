import { randomUUID } from 'node:crypto'
import { isoFromMicros } from '../../schema/time.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import type { DeletedTraces } from '../engines/deleted-rows.ts'
import type { KeptBatch, KeptSums } from '../engines/kept-usage.ts'
import type { EngineSink } from '../engines/sink.ts'
import { keptDimensions, keptSums } from '../repositories/analytics/kept-usage.ts'
import { GroupKeys } from '../repositories/analytics/keys.ts'
import { readSums } from '../repositories/analytics/usage.ts'
import type { PoolScope } from '../repositories/read-scope.ts'
import { unhurried } from './unhurried.ts'

const wanted = new Set<string>(keptSums.filter((name) => name !== 'kept'))
const names = keptDimensions.map((column) => [column, { column }] as const)

/** Traces that one question names; a filter takes 10 000. */
const namedTraces = 5_000

/**
 * Keeps what traces used when they are deleted. What a batch used is written first, with the list of its traces; then they
 * are deleted, and the list goes. Who is killed between leaves the list, and the next run deletes what is left.
 */
export class UsageKeeper {
  readonly #scope: PoolScope
  readonly #sink: EngineSink
  readonly #signal: AbortSignal

  constructor(scope: PoolScope, sink: EngineSink, signal: AbortSignal) {
    this.#scope = scope
    this.#sink = sink
    this.#signal = signal
  }

  /** Deletes what is left of traces whose usage is kept. */
  async finish(onDeleted: (rows: DeletedTraces) => void): Promise<void> {
    const { pool, projectId } = this.#scope
    for (const { batchId, traceIds, horizon } of await pool.keptUsage.pending(projectId)) {
      onDeleted(await unhurried(pool, this.#signal, () => this.#sink.deleteTraces(projectId, traceIds, horizon)))
      await pool.keptUsage.settle(projectId, batchId)
    }
  }

  /** Keeps what some traces used, while they are deleted. */
  async whileKept(traceIds: readonly string[], remove: () => Promise<DeletedTraces>): Promise<DeletedTraces> {
    const { pool, projectId } = this.#scope
    const { horizon } = await pool.primary.commitOrder.now()
    const sums = await this.#sumsOf(traceIds)
    if (sums.length === 0) return remove()
    const batch: KeptBatch = { batchId: randomUUID(), traceIds, horizon }
    await unhurried(pool, this.#signal, () => pool.keptUsage.add(projectId, batch, sums))
    const deleted = await remove()
    await pool.keptUsage.settle(projectId, batch.batchId)
    return deleted
  }

  async #sumsOf(traceIds: readonly string[]): Promise<KeptSums[]> {
    const { projectId } = this.#scope
    const { primary: pool } = this.#scope.pool
    const keysOf = (table: ConstructorParameters<typeof GroupKeys>[1]) =>
      new GroupKeys(pool.dialect, table, names, 'hour', 0)
    try {
      const groups: Awaited<ReturnType<typeof readSums>> = []
      for (let from = 0; from < traceIds.length; from += namedTraces) {
        const named = traceIds.slice(from, from + namedTraces)
        groups.push(...(await readSums({ pool, projectId }, { traceId: named }, keysOf, wanted)))
      }
      return groups.map(({ key: { bucket, ...key }, measures }) => {
        const startTime = isoFromMicros(Date.parse(String(bucket)) * 1000)
        return { ...key, ...measures, startTime } as unknown as KeptSums
      })
    } catch (error) {
      throw storageError(error, 'sum what traces used')
    }
  }
}
