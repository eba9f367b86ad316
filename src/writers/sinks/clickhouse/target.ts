import { createHash } from 'node:crypto'
import { getTableName } from 'drizzle-orm'
import { events, logs, metricPoints, metrics, results, spans, traces } from '../../../../schema/clickhouse.ts'
import { type AcceptedRow, columnIndex, type Entity, forEachEntity, keyOf } from '../../accepted-row.ts'
import { authorColumns } from '../../trace-rows.ts'
import type { Batch } from '../sink.ts'
import { type NativeColumn, nativeColumns } from './native.ts'

const tables = { traces, spans, events, results, metrics, metricPoints, logs }

/** Where the rows of an entity go, and which of their columns. */
export interface InsertTarget {
  readonly table: string
  readonly columns: readonly NativeColumn[]
}

const ofAuthors: ReadonlySet<string> = new Set(['project_id', 'trace_id', ...authorColumns])

/** The table and the columns of each entity. Of traces it is what their authors say; their rows are worked out. */
export const insertTargets: Readonly<Record<Entity, InsertTarget>> = forEachEntity((entity) =>
  entity === 'traces'
    ? { table: 'authored_traces', columns: nativeColumns('traces', ({ name }) => ofAuthors.has(name)) }
    : { table: getTableName(tables[entity]), columns: nativeColumns(entity) },
)

const stampIndexes = forEachEntity((entity) => columnIndex(entity, 'writtenAt'))

/** When a row was accepted, in microseconds since 1970. */
export const stampOf = (entity: Entity, { values }: AcceptedRow): number => values[stampIndexes[entity]] as number

/**
 * What an insert is, however often it is tried: the server stores one of the same token once. It remembers tokens past a
 * delete of the rows, so that rows alone do not name an insert: they may be stored again by somebody who has them still.
 *
 * @param sending what the tries of one insert share, and no other insert
 */
export function deduplicationToken({ entity, projectId, rows }: Batch, sending: string): string {
  // One text: a call for each row costs more than the hash.
  let text = `${sending}\0${entity}\0${projectId}\0`
  for (const row of rows) text += `${keyOf(entity, row)}${stampOf(entity, row)}\0`
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
