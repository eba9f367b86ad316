import type { Batch } from '../sink.ts'
import type { BlockRow } from './block-rows.ts'
import { NativeBlock, type NativeColumn } from './native.ts'

/** The table that says where the spans of a trace are. */
export const traceTimes = {
  table: 'trace_times',
  columns: [
    { name: 'project_id', type: 'text', notNull: true, index: 0 },
    { name: 'trace_id', type: 'text', notNull: true, index: 1 },
    { name: 'first_start', type: 'timestamp', notNull: true, index: 2 },
    { name: 'last_start', type: 'timestamp', notNull: true, index: 3 },
  ],
} as const satisfies { readonly table: string; readonly columns: readonly NativeColumn[] }

/** Its rows for a batch of spans. */
export function timesOf({ projectId, rows }: Batch<BlockRow>): NativeBlock {
  const byTrace = new Map<string, { first: number; last: number }>()
  for (const { leadingKey, time } of rows) {
    const times = byTrace.get(leadingKey)
    if (!times) byTrace.set(leadingKey, { first: time, last: time })
    else {
      times.first = Math.min(times.first, time)
      times.last = Math.max(times.last, time)
    }
  }
  const block = new NativeBlock(traceTimes.columns)
  for (const [traceId, { first, last }] of byTrace) block.add({ values: [projectId, traceId, first, last] })
  return block
}
