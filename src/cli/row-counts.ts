import { formatCount } from './format.ts'

/** How many rows of which tables, in words: `3 traces, 14 spans`, or `nothing`. */
export function formatRowCounts(rows: Readonly<Record<string, number>>): string {
  const counts = Object.entries(rows).filter(([, count]) => count > 0)
  return counts.map(([table, count]) => `${formatCount(count)} ${table}`).join(', ') || 'nothing'
}
