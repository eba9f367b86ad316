import type { SpanKind } from '../../schema/values.ts'
import { atOnce, spansPerTurn, type Turns } from './turns.ts'
import {
  addInto,
  type Below,
  emptySum,
  handUpInto,
  noSums,
  nothingBelow,
  noUsage,
  type Sum,
  type Sums,
  shareOf,
  type Usage,
} from './usage.ts'

/** A span as usage is counted over it. */
export interface UsageSpan {
  readonly spanId: string
  readonly parentId: string | null
  readonly kind: SpanKind
  readonly own: Usage
}

/** What counts of a span, and what lies under it. */
export interface Counted {
  readonly share: Usage
  readonly below: Below
}

/** What counts of all spans of a trace. */
export interface UsageTree {
  /** By id, the spans of which a part counts, or with something under them. Of the others all counts, as of most. */
  readonly counted: ReadonlyMap<string, Counted>
  /** The sum of all shares. */
  readonly growth: Sums
  /** What is handed up to parents that are not stored, by their ids. */
  readonly waiting: ReadonlyMap<string, Below>
  /** Whether spans are each other's ancestors. Such spans have no parent here. */
  readonly hasCircle: boolean
}

/** What counts of a span according to a tree. */
export const countedIn = (counted: ReadonlyMap<string, Counted>, spanId: string, own: Usage): Counted =>
  counted.get(spanId) ?? { share: own, below: nothingBelow }

/**
 * Counts the usage of a whole trace: the definition that every change by parts must equal. A parent that is not stored,
 * the span itself, or one in a circle is none.
 */
export const countUsage = (spans: readonly UsageSpan[]): UsageTree => atOnce(countingUsage(spans))

/** The same, in turns. */
export function* countingUsage(spans: readonly UsageSpan[]): Turns<UsageTree> {
  const indexes = new Map<string, number>()
  for (let n = 0; n < spans.length; n += 1) indexes.set((spans[n] as UsageSpan).spanId, n)
  yield
  const tree = yield* countTree(spans, indexes)
  if (tree) return tree
  // Those that wait for each other for ever. Most traces have none, and do not pay for the look.
  const circle = inCircles(new Map(spans.map((span) => [span.spanId, span])))
  yield
  const apart = yield* countTree(spans, indexes, circle)
  if (!apart) throw new Error('Spans that are in no circle wait for each other.')
  return apart
}

/** @returns undefined where spans are each other's ancestors that are not in `circle` */
function* countTree(
  spans: readonly UsageSpan[],
  indexes: ReadonlyMap<string, number>,
  circle?: ReadonlySet<string>,
): Turns<UsageTree | undefined> {
  const parents = new Int32Array(spans.length).fill(-1)
  const openChildren = new Int32Array(spans.length)
  for (let n = 0; n < spans.length; n += 1) {
    const { spanId, parentId } = spans[n] as UsageSpan
    if (parentId === null || parentId === spanId || circle?.has(parentId)) continue
    const parent = indexes.get(parentId) ?? missing
    parents[n] = parent
    if (parent >= 0) openChildren[parent] = (openChildren[parent] ?? 0) + 1
  }
  yield
  const below: (Sum | undefined)[] = []
  const waiting = new Map<string, Sum>()
  const counted = new Map<string, Counted>()
  const growth = [...noSums]
  const ready: number[] = []
  for (let n = 0; n < spans.length; n += 1) if (openChildren[n] === 0) ready.push(n)
  // Children first. The list grows while it is walked.
  for (let at = 0; at < ready.length; at += 1) {
    if (at % spansPerTurn === spansPerTurn - 1) yield
    const n = ready[at] as number
    const { spanId, parentId, kind, own } = spans[n] as UsageSpan
    const under = below[n] ?? nothingBelow
    const share = shareOf(kind, own, under)
    if (share !== own || under !== nothingBelow) counted.set(spanId, { share, below: under })
    addInto(growth, share)
    const parent = parents[n] as number
    if (parent === none) continue
    if (share !== noUsage || under !== nothingBelow) {
      const sum = (parent >= 0 ? below[parent] : waiting.get(parentId as string)) ?? emptySum()
      if (parent >= 0) below[parent] = sum
      else waiting.set(parentId as string, sum)
      handUpInto(sum, kind, under, share)
    }
    if (parent < 0) continue
    const open = (openChildren[parent] ?? 0) - 1
    openChildren[parent] = open
    if (open === 0) ready.push(parent)
  }
  if (ready.length < spans.length) return undefined
  return { counted, growth, waiting, hasCircle: circle !== undefined }
}

/** A span has no parent, or one that is not stored. */
const none = -1
const missing = -2

/** The spans that are their own ancestors, other than by naming themselves. */
function inCircles(byId: ReadonlyMap<string, UsageSpan>): ReadonlySet<string> {
  const done = new Set<string>()
  const circle = new Set<string>()
  for (const start of byId.keys()) {
    const path = new Map<string, number>()
    let spanId: string | null = start
    while (spanId !== null && byId.has(spanId) && !done.has(spanId) && !path.has(spanId)) {
      path.set(spanId, path.size)
      const parentId: string | null = byId.get(spanId)?.parentId ?? null
      spanId = parentId === spanId ? null : parentId
    }
    const from = spanId === null ? undefined : path.get(spanId)
    if (from !== undefined) for (const [id, depth] of path) if (depth >= from) circle.add(id)
    for (const id of path.keys()) done.add(id)
  }
  return circle
}
