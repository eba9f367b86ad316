import { createSink } from '../engines/notifying-sink.ts'
import type { FilterOf } from '../repositories/entities/entities.ts'
import { compileFilter } from '../repositories/filters/compile.ts'
import type { PoolScope } from '../repositories/read-scope.ts'
import { TraceRepository } from '../repositories/trace-repository.ts'
import { inBatches } from './in-batches.ts'
import { checkedFilter } from './person.ts'
import { unhurried } from './unhurried.ts'

/** Tables whose rows can be deleted by a filter. Spans and events go with their traces. */
export type DeletableEntity = 'traces' | 'results' | 'metrics' | 'metricPoints' | 'logs'

/** How rows are deleted. */
export interface DeleteOptions {
  /** Ends it after the running batch, with the signal's reason. */
  signal?: AbortSignal | undefined
}

/**
 * Deletes the rows that a filter finds, a batch at a time; traces with all that belongs to them.
 *
 * @returns how many rows of the table there were
 * @throws ValidationError for a filter that cannot be used, or that has no condition
 */
export async function deleteMatching<E extends DeletableEntity>(
  scope: PoolScope,
  entity: E,
  filter: FilterOf[E],
  { signal = new AbortController().signal }: DeleteOptions = {},
): Promise<number> {
  const { pool, projectId } = scope
  checkedFilter(filter, 'filter')
  const sink = createSink(pool)
  let deleted = 0
  if (entity === 'traces') {
    const found = new TraceRepository(pool.primary, { projectId }).stream(filter as FilterOf['traces'])
    for await (const batch of inBatches(found, sink.bulkRows)) {
      const ids = batch.map(({ traceId }) => traceId)
      deleted += (await unhurried(pool, signal, () => sink.deleteTraces(projectId, ids))).traces
    }
    return deleted
  }
  const { where } = compileFilter(scope, entity, filter)
  for (;;) {
    const rows = await unhurried(pool, signal, () => sink.deleteRows(projectId, entity, where, sink.bulkRows))
    deleted += rows
    if (rows < sink.bulkRows || pool.capabilities.deletesAllAtOnce) return deleted
  }
}
