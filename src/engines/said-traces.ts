import type { Value } from '../rows/accepted-row.ts'
import {
  type Authored,
  authoredOfRow,
  type ContentKey,
  contentKeys,
  contentOfRow,
  mergeAuthored,
} from '../rows/authored.ts'
import type { SaidTrace } from './fold-rows.ts'
import type { StoredTrace } from './fold-trace.ts'

/** A row of a trace's author, as it waits. */
interface AuthorRow {
  readonly leadingKey: string
  readonly values: readonly Value[]
}

/** What a batch says of the traces in it. */
export interface SaidTraces {
  readonly traces: ReadonlyMap<string, SaidTrace>
  /** Indexes of the rows that say nothing that was not said later. A trace of only such rows is not among the traces. */
  readonly superseded: readonly number[]
}

/**
 * Puts what the rows of a batch say beside what is stored, field by field and one row after the other: a trace may be in
 * a batch several times.
 */
export function saidTraces(rows: readonly AuthorRow[], stored: ReadonlyMap<string, StoredTrace>): SaidTraces {
  const traces = new Map<string, SaidTrace>()
  const superseded: number[] = []
  rows.forEach((row, index) => {
    const { leadingKey } = row
    const before = traces.get(leadingKey)
    const now = authoredOfRow(row)
    const { authored, won } = mergeAuthored(before?.authored ?? stored.get(leadingKey)?.authored, now)
    if (won.size === 0 && saysAnything(now)) {
      superseded.push(index)
      return
    }
    const given = contentOfRow(row)
    const content = { ...before?.content }
    for (const key of contentKeys) if (won.has(key)) content[key] = given[key]
    traces.set(leadingKey, { authored, content })
  })
  return { traces, superseded }
}

const saysAnything = ({ stamps }: Authored): boolean => !stamps || Object.keys(stamps).length > 0

/** A bit for each content column that a batch leaves as it is stored, in the order of `contentKeys`. */
export const keptBits = (content: Partial<Record<ContentKey, unknown>>): number =>
  contentKeys.reduce((bits, key, n) => (key in content ? bits : bits | (1 << n)), 0)
