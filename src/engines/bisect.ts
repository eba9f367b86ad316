import { StorageError } from '../errors.ts'
import type { Batch, SinkResult } from './sink.ts'

/**
 * Stores a batch through `store`; where the engine refuses a row that the writer's checks let through, halves the batch
 * until the row is found, so that one bad row costs one row.
 */
export async function bisect<Row>(
  batch: Batch<Row>,
  store: (batch: Batch<Row>) => Promise<SinkResult>,
): Promise<SinkResult> {
  try {
    return await store(batch)
  } catch (error) {
    if (!(error instanceof StorageError) || error.recovery !== 'bisect') throw error
    if (batch.rows.length === 1) {
      return { stored: 0, superseded: [], rejected: [{ index: 0, code: error.code, message: error.message }] }
    }
    const middle = batch.rows.length >> 1
    const left = await bisect({ ...batch, rows: batch.rows.slice(0, middle) }, store)
    const right = await bisect({ ...batch, rows: batch.rows.slice(middle) }, store)
    const moved = right.rejected.map((row) => ({ ...row, index: row.index + middle }))
    return {
      stored: left.stored + right.stored,
      superseded: [...left.superseded, ...right.superseded.map((index) => index + middle)],
      rejected: [...left.rejected, ...moved],
      recounted: (left.recounted ?? 0) + (right.recounted ?? 0),
    }
  }
}
