import type { TraceRow } from '../../schema/tables.ts'
import { entities } from '../../src/repositories/entities/entities.ts'
import type { SessionOrder } from '../../src/repositories/session-sums.ts'
import { compareBytes, type Rows } from './evaluate-filter.ts'

/** What the orders of lists mean, in plain JavaScript over rows in memory. */

type Value = string | number | null
type Direction = 'asc' | 'desc'

const cellOf = (row: object, name: string): Value => (row as Record<string, Value>)[name] ?? null

function compare(left: Value, right: Value): number {
  return typeof left === 'string' && typeof right === 'string'
    ? compareBytes(left, right)
    : Number(left) - Number(right)
}

/** Rows as a list has them: those without the value last, ties by key. */
export function ordered<E extends keyof Rows>(
  entity: E,
  rows: readonly Rows[E][number][],
  { orderBy, direction = 'desc' }: { orderBy?: string; direction?: Direction },
): Rows[E][number][] {
  const { orders, keys } = entities[entity]
  const known: Readonly<Record<string, string>> = orders
  const column = known[orderBy ?? Object.keys(known)[0] ?? ''] ?? ''
  const sign = direction === 'asc' ? 1 : -1
  return [...rows].sort((a, b) => {
    const [left, right] = [cellOf(a, column), cellOf(b, column)]
    if (left !== right && (left === null || right === null)) return left === null ? 1 : -1
    for (const name of [column, ...keys]) {
      const order = compare(cellOf(a, name), cellOf(b, name))
      if (order !== 0) return sign * order
    }
    return 0
  })
}

/** The keys of rows, as text. */
export const idsOf = (entity: keyof Rows, rows: readonly object[]): string[] =>
  rows.map((row) => entities[entity].keys.map((key) => cellOf(row, key)).join(' '))

/** The sessions of traces, in an order. */
export function sessionsOf(
  traces: readonly TraceRow[],
  { orderBy = 'time', direction = 'desc' }: { orderBy?: SessionOrder; direction?: Direction },
) {
  const sessions = new Map<string, TraceRow[]>()
  for (const trace of traces) {
    if (trace.sessionId === null) continue
    sessions.set(trace.sessionId, [...(sessions.get(trace.sessionId) ?? []), trace])
  }
  const sum = (rows: readonly TraceRow[], name: 'durationMs' | 'costUsd' | 'totalTokens', unit: number) =>
    rows.reduce((total, row) => total + Math.floor((row[name] ?? 0) * unit + 0.5), 0)
  const starts = (rows: readonly TraceRow[]) => rows.map(({ startTime }) => startTime).sort(compareBytes)
  const valuesOf: Record<SessionOrder, (rows: readonly TraceRow[]) => Value> = {
    time: (rows) => starts(rows).at(-1) ?? '',
    start: (rows) => starts(rows)[0] ?? '',
    duration: (rows) => sum(rows, 'durationMs', 1e3),
    cost: (rows) => sum(rows, 'costUsd', 1e9),
    tokens: (rows) => sum(rows, 'totalTokens', 1),
    traces: (rows) => rows.length,
  }
  // Of two sessions with newest traces of one start, the id of the trace decides.
  const tie = (id: string, rows: readonly TraceRow[]) => {
    if (orderBy !== 'time') return id
    const last = valuesOf.time(rows)
    return (
      rows
        .filter(({ startTime }) => startTime === last)
        .map(({ traceId }) => traceId)
        .sort(compareBytes)
        .at(-1) ?? ''
    )
  }
  const sign = direction === 'asc' ? 1 : -1
  return [...sessions]
    .sort(([a, left], [b, right]) => {
      const value = valuesOf[orderBy]
      return sign * (compare(value(left), value(right)) || compareBytes(tie(a, left), tie(b, right)))
    })
    .map(([sessionId, rows]) => ({ sessionId, traces: rows.length, costUsd: sum(rows, 'costUsd', 1e9) / 1e9 }))
}
