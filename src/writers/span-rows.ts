import { type AcceptedRow, columnIndex } from '../rows/accepted-row.ts'
import type { Checked } from './accept.ts'

const [start, end, duration, input, output, total] = (
  ['startTime', 'endTime', 'durationMs', 'inputTokens', 'outputTokens', 'totalTokens'] as const
).map((key) => columnIndex('spans', key)) as [number, number, number, number, number, number]

/** Default values of a span's columns. */
export const spanDefaults = () => ({ kind: 'other', status: 'unset', attributes: {} })

/** Fills derived columns: the duration from the times, the total from input and output tokens. */
export function completeSpan(row: AcceptedRow): Checked {
  const at = (index: number) => row.values[index] as number | null
  const [from, to, reported] = [at(start), at(end), at(total)]
  if (from !== null && to !== null && to < from) return [{ field: 'endTime', message: 'must not be before startTime' }]

  const { values } = row
  if (from !== null && to !== null) values[duration] ??= (to - from) / 1000
  const counted = at(input) !== null || at(output) !== null
  if (reported === null && counted) values[total] = (at(input) ?? 0) + (at(output) ?? 0)
  return row
}
