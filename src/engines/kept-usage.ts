import { getTableColumns } from 'drizzle-orm'
import type { KeptUsageRow } from '../../schema/kept-usage.ts'
import { keptUsage } from '../../schema/postgres.ts'

/** What a batch of traces used in an hour, under some names. */
export type KeptSums = Omit<KeptUsageRow, 'projectId' | 'batchId' | 'ordinal' | 'traceIds' | 'horizon'>

/** Traces that are being deleted, and of which what they used is kept. */
export interface KeptBatch {
  readonly batchId: string
  readonly traceIds: readonly string[]
  /** What is deleted of them was stored before this transaction. */
  readonly horizon: number
}

/** What is kept of usage when its traces go. */
export interface KeptUsage {
  /** Keeps what the traces of a batch used, in one step, before they are deleted. */
  add(projectId: string, batch: KeptBatch, sums: readonly KeptSums[]): Promise<void>
  /** Batches whose traces may be there still, where a process died between keeping and deleting. */
  pending(projectId: string): Promise<KeptBatch[]>
  /** Notes that the traces of a batch are gone. */
  settle(projectId: string, batchId: string): Promise<void>
}

/** The columns of a row, with the types that they have in PostgreSQL. */
export const keptColumns: readonly { readonly key: string; readonly name: string; readonly type: string }[] =
  Object.entries(getTableColumns(keptUsage)).map(([key, column]) => ({
    ...{ key, name: column.name, type: column.getSQLType() },
  }))

/** The rows of a batch, by the names of columns, as JSON. */
export const rowsOfBatch = (
  projectId: string,
  batch: KeptBatch,
  sums: readonly KeptSums[],
): Record<string, unknown>[] =>
  sums.map((each, ordinal) => {
    const marks = ordinal === 0 ? { traceIds: JSON.stringify(batch.traceIds), horizon: batch.horizon } : {}
    const row: Record<string, unknown> = { ...each, projectId, batchId: batch.batchId, ordinal, ...marks }
    return Object.fromEntries(keptColumns.map(({ key, name }) => [name, row[key] ?? null]))
  })

/** A batch from its id, list and number, as engines return them. */
export const batchOf = ([batchId, traceIds, horizon]: readonly unknown[]): KeptBatch => ({
  batchId: String(batchId),
  traceIds: JSON.parse(String(traceIds)) as string[],
  horizon: Number(horizon),
})
