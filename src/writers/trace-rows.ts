import { isoFromMicros } from '../../schema/time.ts'
import { derivedColumns, summedColumns } from '../../schema/traces.ts'
import { type AcceptedRow, columnIndex, columnSpecs, type Entity, leadingKeyOf, type Value } from './accepted-row.ts'
import type { NewTrace } from './records.ts'
import type { Batch } from './sinks/sink.ts'

const authoredKeys = [...derivedColumns, ...summedColumns] as const

const authoredIndex = columnIndex('traces', 'authored')
const instants: ReadonlySet<string> = new Set(['startTime', 'endTime'])

/** The columns that the author of a trace owns; all others follow from these and from the spans. */
export const authorColumns = ['tags', 'metadata', 'resource', 'input', 'output', 'authored', 'written_at'] as const

/** Whether trace rows follow from an entity, so that storing it locks and recomputes them. */
export const decidesTraces = (entity: Entity): boolean => entity === 'spans' || entity === 'traces'

/** The distinct traces that a batch changes, in the order in which every writer locks them. */
export function touchedTraces({ entity, rows }: Batch): string[] {
  if (!decidesTraces(entity)) return []
  return [...new Set(rows.map((row) => leadingKeyOf(entity, row)))].sort()
}

/** A trace row that nobody wrote: what stands before its spans are counted. Any author's stamp is higher. */
export function emptyTrace(projectId: string, traceId: string): AcceptedRow {
  const values = columnSpecs.traces.map(({ key, type, notNull }): Value => {
    if (key === 'projectId') return projectId
    if (key === 'traceId') return traceId
    if (key === 'status') return 'unset'
    return notNull && type !== 'json' ? 0 : null
  })
  return { values, bytes: 0 }
}

/**
 * A trace's checked row with what its author said of derived columns gathered in `authored`; those columns themselves
 * are recomputed when the row is stored.
 */
export function withAuthored(accepted: AcceptedRow, record: NewTrace): AcceptedRow {
  const authored: Record<string, Value> = {}
  for (const key of authoredKeys) {
    if (record[key] === undefined || record[key] === null) continue
    const value = accepted.values[columnIndex('traces', key)] ?? null
    authored[key] = typeof value === 'number' && instants.has(key) ? isoFromMicros(value) : value
  }
  const text = JSON.stringify(authored)
  return { values: accepted.values.with(authoredIndex, text), bytes: accepted.bytes + text.length }
}
