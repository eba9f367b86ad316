import { isoFromMicros } from '../../schema/time.ts'
import { type AcceptedRow, columnIndex, type Value } from '../rows/accepted-row.ts'
import { authoredKeys, sayingOnly } from '../rows/authored.ts'
import type { TraceRecord } from '../rows/records.ts'
import { type Checked, isAccepted } from './accept.ts'

const authoredIndex = columnIndex('traces', 'authored')
const instants: ReadonlySet<string> = new Set(['startTime', 'endTime', 'createdAt'])

/** Default values of a trace's columns until they are recomputed; `stamp` is when it was accepted. */
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

/**
 * Copies what the author set of derived columns into `authored`; the columns themselves are recomputed when the row is
 * stored. Returns the faults where values contradict each other.
 */
export function withAuthored(accepted: AcceptedRow, record: TraceRecord): Checked {
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

/** The same for a record that says some fields, and leaves the others as they are: those that are not undefined. */
export function withSaidFields(accepted: AcceptedRow, record: TraceRecord): Checked {
  const row = withAuthored(accepted, record)
  return isAccepted(row) ? sayingOnly(row, (field) => record[field] !== undefined) : row
}
