import { columnIndex, leadingKeyOf, type Value } from '../../accepted-row.ts'
import type { Batch } from '../sink.ts'
import type { NativeColumn } from './native.ts'

const startIndex = columnIndex('spans', 'startTime')

/** The table that says where the spans of a trace are. */
export const traceTimes = {
  table: 'trace_times',
  columns: [
    { name: 'project_id', type: 'text', notNull: true, place: 0 },
    { name: 'trace_id', type: 'text', notNull: true, place: 1 },
    { name: 'first_start', type: 'timestamp', notNull: true, place: 2 },
    { name: 'last_start', type: 'timestamp', notNull: true, place: 3 },
  ],
} as const satisfies { readonly table: string; readonly columns: readonly NativeColumn[] }

/** Its rows for a batch of spans. */
export function timesOf({ projectId, rows }: Batch): { values: Value[] }[] {
  const byTrace = new Map<string, { first: number; last: number }>()
  for (const row of rows) {
    const traceId = leadingKeyOf('spans', row)
    const start = row.values[startIndex] as number
    const times = byTrace.get(traceId)
    if (!times) byTrace.set(traceId, { first: start, last: start })
    else {
      times.first = Math.min(times.first, start)
      times.last = Math.max(times.last, start)
    }
  }
  return [...byTrace].map(([traceId, { first, last }]) => ({ values: [projectId, traceId, first, last] }))
}
