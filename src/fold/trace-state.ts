import { compareUtf8 } from '../text/compare-utf8.ts'
import type { SpanFacts } from './span-facts.ts'
import { atOnce, spansPerTurn, type Turns } from './turns.ts'
import { addSums, noSums, noUsage, type Sums } from './usage.ts'

/** What the spans of a trace say together. It is stored beside the trace's row, and brought forward by what is new. */
export interface TraceState {
  readonly spans: number
  readonly errors: number
  readonly tools: number
  /** The sum of all durations, in whole microseconds. */
  readonly micros: number
  /** The sums of the shares of all spans, by measure. */
  readonly sums: Sums
  /** How many spans report a measure: a sum of none is null. */
  readonly reported: Sums
  readonly start: number
  readonly end: number | null
  /** The lowest stamp of any span that was ever written, stored or not: when the trace was first seen. */
  readonly firstSeen: number
  readonly lastWritten: number
  /** The earliest span, by start and id, without a stored parent. */
  readonly root: Root
  /** The first value by bytes of each of `groupColumns`. */
  readonly first: readonly (string | null)[]
  /** Nothing can be brought forward: spans are each other's ancestors, or sums are beyond what is exact. */
  readonly isWhole?: true
}

/** What a trace takes from its root. */
export type Root = Pick<
  SpanFacts,
  'spanId' | 'parentId' | 'start' | 'name' | 'status' | 'statusMessage' | 'micros' | 'groups'
>

/** A span that is stored once more. */
export interface ReplacedFacts {
  readonly now: SpanFacts
  readonly before: SpanFacts
}

/** Spans of one trace that are stored now. */
export interface SpansChange {
  readonly added: readonly SpanFacts[]
  readonly replaced: readonly ReplacedFacts[]
  /** The lowest stamp of all rows that were offered, those that lost among them. */
  readonly firstSeen: number
  /** What the sums of shares grow by. */
  readonly growth: Sums
}

/** Whether one span is before another in the order of roots. */
const isBefore = (a: Pick<SpanFacts, 'start' | 'spanId'>, b: Pick<SpanFacts, 'start' | 'spanId'>): boolean =>
  a.start < b.start || (a.start === b.start && compareUtf8(a.spanId, b.spanId) < 0)

const isTool = ({ kind }: SpanFacts): boolean => kind === 'tool' || kind === 'mcp'

/**
 * The parents of which must be known whether they are stored before `foldSpans`: those of spans that may be the root.
 * Parents that are part of the change itself are not among them.
 */
export function parentsToLookUp(state: TraceState | undefined, change: SpansChange): string[] {
  const spans = spansOf(change)
  const isOwn = inSpans(spans)
  const parents = new Set<string>()
  for (const span of spans) {
    if (span.parentId === null || (state && !isBefore(span, state.root)) || isOwn(span.parentId)) continue
    parents.add(span.parentId)
  }
  return [...parents]
}

/** The spans of a change as they are now. */
const spansOf = ({ added, replaced }: SpansChange): readonly SpanFacts[] =>
  replaced.length > 0 ? [...added, ...replaced.map(({ now }) => now)] : added

/** Whether a span is among these. Mostly nobody asks, and nothing is gathered. */
function inSpans(spans: readonly SpanFacts[]): (spanId: string) => boolean {
  let ids: Set<string> | undefined
  return (spanId) => {
    ids ??= new Set(spans.map((span) => span.spanId))
    return ids.has(spanId)
  }
}

/**
 * Brings the state of a trace forward by spans that are stored now.
 *
 * @param state undefined for a trace that has no spans yet
 * @param isStored whether a parent was stored before the change: asked for those of `parentsToLookUp` only
 * @returns undefined where only all spans together can tell: an extremum was lost
 */
export function foldSpans(
  state: TraceState | undefined,
  change: SpansChange,
  isStored: (spanId: string) => boolean,
): TraceState | undefined {
  const folded = fold(state, change, isStored)
  return folded && isExact(folded) ? folded : undefined
}

/** Whether the sums of a trace are exact: beyond 2^53 they depend on the order of what is added. */
export const isExact = ({ micros, sums }: TraceState): boolean =>
  Number.isSafeInteger(micros) && sums.every((sum) => Number.isSafeInteger(sum))

const fold = (state: TraceState | undefined, change: SpansChange, isStored: (spanId: string) => boolean) =>
  atOnce(folding(state, change, isStored))

function* folding(
  state: TraceState | undefined,
  change: SpansChange,
  isStored: (spanId: string) => boolean,
): Turns<TraceState | undefined> {
  const { added, replaced, growth } = change
  if (state?.isWhole || replaced.some((span) => losesExtremum(state, span))) return undefined
  const root = nextRoot(state, change, isStored)
  if (root === undefined) return undefined
  yield
  let [spans, errors, tools, micros] = state ? [state.spans, state.errors, state.tools, state.micros] : [0, 0, 0, 0]
  const reported = [...(state?.reported ?? noSums)]
  let [start, end] = [state?.start ?? Number.POSITIVE_INFINITY, state?.end ?? null]
  let lastWritten = state?.lastWritten ?? 0
  const first = state ? [...state.first] : root.groups.map((): string | null => null)
  const take = (span: SpanFacts, sign: 1 | -1) => {
    errors += span.status === 'error' ? sign : 0
    micros += sign * span.micros
    if (span.own === noUsage) return
    for (let n = 0; n < reported.length; n += 1) {
      if ((span.own[n] ?? null) !== null) reported[n] = (reported[n] as number) + sign
    }
  }
  for (const { before } of replaced) take(before, -1)
  for (const span of added) {
    spans += 1
    tools += isTool(span) ? 1 : 0
  }
  let taken = 0
  for (const span of spansOf(change)) {
    taken += 1
    if (taken % spansPerTurn === 0) yield
    take(span, 1)
    start = Math.min(start, span.start)
    if (span.end !== null) end = Math.max(end ?? 0, span.end)
    lastWritten = Math.max(lastWritten, span.writtenAt)
    const { groups } = span
    for (let n = 0; n < groups.length; n += 1) {
      const group = groups[n] ?? null
      const lowest = first[n] ?? null
      if (group === null || group === lowest) continue
      if (lowest === null || compareUtf8(group, lowest) < 0) first[n] = group
    }
  }
  return {
    spans,
    errors,
    tools,
    micros,
    sums: addSums(state?.sums ?? noSums, growth),
    reported,
    start,
    end,
    firstSeen: Math.min(state?.firstSeen ?? change.firstSeen, change.firstSeen),
    lastWritten,
    root: rootFacts(root),
    first,
  }
}

/**
 * The state of a trace from all of its spans: the definition that every fold must equal.
 *
 * @param growth the sum of all shares
 * @param hasCircle whether spans are each other's ancestors
 */
export const wholeState = (spans: readonly SpanFacts[], growth: Sums, hasCircle: boolean, firstSeen: number) =>
  atOnce(foldingWhole(spans, growth, hasCircle, firstSeen))

/** The same, in turns. */
export function* foldingWhole(
  spans: readonly SpanFacts[],
  growth: Sums,
  hasCircle: boolean,
  firstSeen: number,
): Turns<TraceState | undefined> {
  const [earliest] = spans
  if (!earliest) return undefined
  const change = { added: spans, replaced: [], firstSeen, growth }
  const folded = yield* folding(undefined, change, () => false)
  if (folded && !hasCircle) return isExact(folded) ? folded : { ...folded, isWhole: true }
  // No span is without a stored parent, or some are in a circle: then the earliest of all may be the root.
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const withoutParents = spans.map((span) => ({ ...span, parentId: null }))
  const root = folded ? folded.root : spans.reduce((first, span) => (isBefore(span, first) ? span : first), earliest)
  const state = yield* folding(undefined, { ...change, added: withoutParents }, (spanId) => ids.has(spanId))
  return state && { ...state, root: rootFacts(root), isWhole: true }
}

const rootFacts = ({ spanId, parentId, start, name, status, statusMessage, micros, groups }: Root): Root => ({
  spanId,
  parentId,
  start,
  name,
  status,
  statusMessage,
  micros,
  groups,
})

/** Whether a replaced span held an extremum of the trace that it has no more. */
function losesExtremum(state: TraceState | undefined, { now, before }: ReplacedFacts): boolean {
  if (!state || now.parentId !== before.parentId || now.kind !== before.kind) return true
  if (before.spanId === state.root.spanId && isBefore(before, now)) return true
  if (before.start === state.start && now.start > before.start) return true
  if (before.end !== null && before.end === state.end && (now.end ?? -1) < before.end) return true
  return before.groups.some((group, n) => {
    const after = now.groups[n] ?? null
    return group !== null && group === state.first[n] && (after === null || compareUtf8(after, group) > 0)
  })
}

/** The root after a change; undefined where it may be a span that is not known here. */
function nextRoot(
  state: TraceState | undefined,
  change: SpansChange,
  isStored: (spanId: string) => boolean,
): Root | undefined {
  const changed = spansOf(change)
  const isOwn = inSpans(changed)
  const hasParent = ({ spanId, parentId }: SpanFacts) =>
    parentId !== null && parentId !== spanId && (isOwn(parentId) || isStored(parentId))
  let best: Root | undefined
  for (const span of changed) {
    if ((best && !isBefore(span, best)) || (state && !isBefore(span, state.root))) continue
    if (!hasParent(span)) best = span
  }
  if (!state || best) return best
  const { root } = state
  // Its parent has come: the next root is the earliest of all others without one.
  if (root.parentId !== null && root.parentId !== root.spanId && isOwn(root.parentId)) return undefined
  return change.replaced.find(({ now }) => now.spanId === root.spanId)?.now ?? root
}
