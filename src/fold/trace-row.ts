import { microsFromIso } from '../../schema/time.ts'
import { tokenColumns } from '../../schema/tokens.ts'
import { derivedColumns, summedColumns } from '../../schema/traces.ts'
import type { Value } from '../rows/accepted-row.ts'
import type { Authored } from '../rows/authored.ts'
import { groupColumns } from './span-facts.ts'
import type { TraceState } from './trace-state.ts'
import { measures } from './usage.ts'

/** Columns of a trace that follow from its spans and its author, by key, with values as rows hold them. */
export type FollowingColumns = Readonly<Record<FollowingColumn, Value>>

export type FollowingColumn =
  | (typeof derivedColumns)[number]
  | (typeof summedColumns)[number]
  | 'spanCount'
  | 'errorCount'
  | 'llmCallCount'
  | 'toolCallCount'
  | 'createdAt'
  | 'updatedAt'

const nanoDollars = 1_000_000_000
const calls = measures.indexOf('calls')
const cost = measures.indexOf('cost')
const instants: ReadonlySet<string> = new Set(['startTime', 'endTime', 'createdAt'])

const countColumns = ['spanCount', 'errorCount', 'llmCallCount', 'toolCallCount'] as const

/** All of these columns, so that objects with their values are copies of one form and are made fast. */
const noColumns: Readonly<Record<string, Value>> = Object.fromEntries(
  [...derivedColumns, ...summedColumns, ...countColumns, 'createdAt', 'updatedAt'].map((key) => [key, null]),
)

/**
 * What the row of a trace shows: the author's value, else what the spans say. Sums: the other way round.
 *
 * @param state undefined where the trace has no spans
 * @param authored undefined where nobody wrote the trace itself
 * @param fallback when the row was written, where neither says when it began
 */
export function followingColumns(
  state: TraceState | undefined,
  authored: Authored | undefined,
  fallback = 0,
): FollowingColumns {
  const summary: Readonly<Record<string, Value>> = state ? summaryOf(state) : noColumns
  const said = (key: string): Value => {
    const value = authored?.fields[key] ?? null
    return typeof value === 'string' && instants.has(key) ? microsFromIso(value) : value
  }
  const columns: Record<string, Value> = { ...noColumns }
  for (const key of derivedColumns) columns[key] = said(key) ?? summary[key] ?? null
  for (const key of summedColumns) columns[key] = summary[key] ?? said(key)
  for (const key of countColumns) columns[key] = summary[key] ?? 0
  columns.status ??= 'unset'
  columns.stepCount ??= 0
  columns.stepsDurationMs ??= 0
  const writtenAt = authored?.writtenAt ?? fallback
  const start = (columns.startTime ?? writtenAt) as number
  const end = columns.endTime as number | null
  columns.startTime = start
  columns.durationMs = said('durationMs') ?? (end === null ? null : (end - start) / 1000)
  columns.createdAt = said('createdAt') ?? authored?.writtenAt ?? state?.firstSeen ?? writtenAt
  columns.updatedAt = state ? Math.max(state.lastWritten, authored?.writtenAt ?? 0) : writtenAt
  return columns as unknown as FollowingColumns
}

/** What the spans of a trace say, by column. */
function summaryOf(state: TraceState): Record<string, Value> {
  const { root, sums, reported } = state
  const sum = (measure: number) => (reported[measure] ? (sums[measure] ?? 0) : null)
  const costNanos = sum(cost)
  const summary: Record<string, Value> = { ...noColumns }
  summary.name = root.name
  summary.status = root.status
  summary.statusMessage = root.statusMessage
  summary.startTime = state.start
  summary.endTime = state.end
  summary.spanCount = state.spans
  summary.errorCount = state.errors
  summary.llmCallCount = sum(calls) ?? 0
  summary.toolCallCount = state.tools
  summary.stepCount = state.spans - 1
  summary.stepsDurationMs = (state.micros - root.micros) / 1000
  summary.costUsd = costNanos === null ? null : costNanos / nanoDollars
  groupColumns.forEach((key, n) => {
    summary[key] = root.groups[n] ?? state.first[n] ?? null
  })
  tokenColumns.forEach((key, n) => {
    summary[key] = sum(n)
  })
  return summary
}
