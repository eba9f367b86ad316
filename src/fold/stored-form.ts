import type { Value } from '../rows/accepted-row.ts'
import type { Root, TraceState } from './trace-state.ts'
import { type Below, isNothing, isZero, measures, noSums, nothingBelow, type Sums, type Usage } from './usage.ts'
import type { Counted } from './usage-tree.ts'

/** How what was counted is stored: compact texts, and shares only where they differ from what is reported. */

const cost = measures.indexOf('cost')
const nanoDollars = 1_000_000_000

/** What children hand up, as text; null where it is nothing. */
export const textOfBelow = (below: Below): string | null => {
  if (isNothing(below)) return null
  return isZero(below.far) ? JSON.stringify([below.near]) : JSON.stringify([below.near, below.far])
}

export function belowOfText(text: string | null): Below {
  if (text === null || text === '') return nothingBelow
  const [near, far = noSums] = JSON.parse(text) as [Sums, Sums?]
  return { near, far }
}

/** The values of the counted columns of a span; undefined where all of them are null. */
export function countedValues(own: Usage, { share, below }: Counted): Value[] | undefined {
  if (share === own && below === nothingBelow) return undefined
  const text = textOfBelow(below)
  let isPlain = text === null
  const values = share.map((counted, measure): Value => {
    if (counted === (own[measure] ?? null)) return null
    isPlain = false
    return counted !== null && measure === cost ? counted / nanoDollars : counted
  })
  return isPlain ? undefined : [...values, text]
}

/**
 * What was counted of a span, from what it reports and the values of its counted columns.
 *
 * @param from the index of the first of them
 */
export function countedOfValues(own: Usage, values: readonly Value[], from = 0): Counted {
  const at = (column: number) => values[from + column] ?? null
  const below = belowOfText(at(measures.length) as string | null)
  let share: (number | null)[] | undefined
  for (let measure = 0; measure < own.length; measure += 1) {
    const stored = at(measure) as number | null
    if (stored === null || (own[measure] ?? null) === null) continue
    share ??= [...own]
    share[measure] = measure === cost ? Math.floor(stored * nanoDollars + 0.5) : stored
  }
  return { share: share ?? own, below }
}

/** Whether what counts of a span is the same; what is below it may differ. */
export const isSameShare = (a: Counted, b: Counted): boolean =>
  a.share === b.share || a.share.every((value, measure) => value === b.share[measure])

type StateTuple = readonly [
  spans: number,
  errors: number,
  tools: number,
  micros: number,
  sums: Sums,
  reported: Sums,
  start: number,
  end: number | null,
  firstSeen: number,
  lastWritten: number,
  root: readonly [string, string | null, number, string, Root['status'], string | null, number, Root['groups']],
  first: readonly (string | null)[],
  isWhole: 0 | 1,
]

export function textOfState(state: TraceState): string {
  const { spans, errors, tools, micros, sums, reported, start, end, firstSeen, lastWritten, root, first } = state
  const { spanId, parentId, name, status, statusMessage, groups } = root
  const tuple: StateTuple = [
    spans,
    errors,
    tools,
    micros,
    sums,
    reported,
    start,
    end,
    firstSeen,
    lastWritten,
    [spanId, parentId, root.start, name, status, statusMessage, root.micros, groups],
    first,
    state.isWhole ? 1 : 0,
  ]
  return JSON.stringify(tuple)
}

export function stateOfText(text: string | null): TraceState | undefined {
  if (text === null) return undefined
  const tuple = JSON.parse(text) as StateTuple
  const [spans, errors, tools, micros, sums, reported, start, end, firstSeen, lastWritten, root, first, isWhole] = tuple
  const [spanId, parentId, rootStart, name, status, statusMessage, rootMicros, groups] = root
  return {
    spans,
    errors,
    tools,
    micros,
    sums,
    reported,
    start,
    end,
    firstSeen,
    lastWritten,
    root: { spanId, parentId, start: rootStart, name, status, statusMessage, micros: rootMicros, groups },
    first,
    ...(isWhole === 1 && { isWhole: true as const }),
  }
}
