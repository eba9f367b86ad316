import { isoFromMicros } from '../../schema/time.ts'
import { derivedColumns, summedColumns } from '../../schema/traces.ts'
import type { Checked } from './accept.ts'
import { type AcceptedRow, columnIndex, columnSpecs, type Entity, type Value } from './accepted-row.ts'
import type { NewTrace } from './records.ts'
import type { Batch, Kept } from './sinks/sink.ts'

const authoredKeys = [...derivedColumns, ...summedColumns, 'createdAt'] as const

const authoredIndex = columnIndex('traces', 'authored')
const instants: ReadonlySet<string> = new Set(['startTime', 'endTime', 'createdAt'])

/** The columns that the author of a trace owns; all others follow from these and from the spans. */
export const authorColumns = [
  'tags',
  'metadata',
  'resource',
  'input',
  'output',
  'authored',
  'document',
  'written_at',
] as const

/** Whether trace rows follow from an entity, so that storing it locks and recomputes them. */
export const decidesTraces = (entity: Entity): boolean => entity === 'spans' || entity === 'traces'

/** The distinct traces that a batch changes, in the order in which every writer locks them. */
export const touchedTraces = ({ entity, rows }: Batch<Kept>): string[] =>
  decidesTraces(entity) ? inLockOrder(rows.map(({ leadingKey }) => leadingKey)) : []

/** Distinct traces in the order in which every writer locks them. */
export const inLockOrder = (traceIds: readonly string[]): string[] => [...new Set(traceIds)].sort()

/** What the columns of a saved trace hold until they are recomputed; `stamp` is when it was accepted. */
export const traceDefaults = (stamp: unknown) => ({
  spanCount: 0,
  errorCount: 0,
  llmCallCount: 0,
  toolCallCount: 0,
  stepCount: 0,
  stepsDurationMs: 0,
  status: 'unset',
  startTime: stamp,
  createdAt: stamp,
  updatedAt: stamp,
})

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
 * are recomputed when the row is stored. Or what is wrong with them together.
 */
export function withAuthored(accepted: AcceptedRow, record: NewTrace): Checked {
  const authored: Record<string, Value> = {}
  for (const key of authoredKeys) {
    if (record[key] === undefined || record[key] === null) continue
    const value = accepted.values[columnIndex('traces', key)] ?? null
    authored[key] = typeof value === 'number' && instants.has(key) ? isoFromMicros(value) : value
  }
  const { startTime, endTime } = authored
  if (typeof startTime === 'string' && typeof endTime === 'string' && endTime < startTime) {
    return [{ field: 'endTime', message: 'must not be before startTime' }]
  }
  const text = JSON.stringify(authored)
  return { values: accepted.values.with(authoredIndex, text), bytes: accepted.bytes + text.length }
}
