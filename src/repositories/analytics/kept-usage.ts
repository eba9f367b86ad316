import { getTableColumns } from 'drizzle-orm'
import type { Tables } from '../../../schema/tables.ts'
import { tokenColumns } from '../../../schema/tokens.ts'
import type { SpanFilter } from '../entities/traces-and-spans.ts'
import { compileFilter } from '../filters/compile.ts'
import type { ReadScope } from '../read-scope.ts'
import type { KeysOf, Measured } from './keys.ts'
import { sum } from './measures.ts'

/** What is kept of usage by these names, and can be filtered and grouped by. */
export const keptDimensions = ['kind', 'provider', 'model', 'agentName', 'serviceName', 'environment'] as const
const filters: ReadonlySet<string> = new Set([...keptDimensions, 'since', 'until'])
const groups: ReadonlySet<string> = new Set(keptDimensions)

/** Sums that are kept; `kept` are their spans. */
export const keptSums = ['spans', 'errors', 'cost', 'duration', 'timed', ...tokenColumns, 'kept'] as const

type Sums = Readonly<Record<string, number>>

/**
 * What traces used that retention deleted, where it was kept and the filter and the names are among those it was kept by.
 * It counts for the hour in which its spans began.
 *
 * @param wanted which sums
 */
export async function readKept(
  scope: ReadScope,
  filter: SpanFilter,
  keysOf: KeysOf,
  wanted: ReadonlySet<string>,
): Promise<Measured<Sums>[]> {
  const table = scope.pool.keptUsageTable
  const names = keptSums.filter((name) => wanted.has(name))
  const keys = keysOf({ ...getTableColumns(table), startTime: table.startTime })
  const isFiltered = Object.entries(filter).some(([name, value]) => value !== undefined && !filters.has(name))
  if (names.length === 0 || isFiltered || keys.columns.some((name) => !groups.has(name))) return []
  // It has the columns that such a filter names.
  const { where } = compileFilter(scope, 'spans', filter, table as unknown as Tables['spans'])
  const fields = Object.fromEntries(names.map((name) => [name, sum(table[name === 'kept' ? 'spans' : name])]))
  const rows = await scope.pool.db
    .select({ ...keys.fields, ...fields })
    .from(table)
    .where(where)
    .groupBy(...keys.groups)
  return rows.map((row) => ({ key: keys.of(row), measures: row as Record<string, unknown> as Sums }))
}

/** Groups and others of the same keys, as one. */
export function addGroups(groups: readonly Measured<Sums>[], others: readonly Measured<Sums>[]): Measured<Sums>[] {
  const all = new Map<string, Measured<Sums>>()
  for (const { key, measures } of [...groups, ...others]) {
    const text = JSON.stringify(key)
    const before = all.get(text)?.measures ?? {}
    const names = new Set([...Object.keys(before), ...Object.keys(measures)])
    const sums = [...names].map((name) => [name, (before[name] ?? 0) + (measures[name] ?? 0)])
    all.set(text, { key, measures: Object.fromEntries(sums) as Sums })
  }
  return [...all.values()]
}
