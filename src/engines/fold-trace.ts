import type { SpanFacts } from '../fold/span-facts.ts'
import { foldSpans, parentsToLookUp, type SpansChange, type TraceState } from '../fold/trace-state.ts'
import { type Below, noSums, noUsage } from '../fold/usage.ts'
import { changeUsage, type StoredUsage, type UsageChange } from '../fold/usage-change.ts'
import type { Counted } from '../fold/usage-tree.ts'
import type { Authored } from '../rows/authored.ts'

/** A trace as it is stored, before a transaction changes it. */
export interface StoredTrace {
  /** Undefined where the trace has no spans, and where they were stored by a version that kept no state. */
  readonly state: TraceState | undefined
  readonly spanCount: number
  readonly authored: Authored | undefined
  /** Microseconds since 1970. */
  readonly writtenAt: number
}

/** A span as it is stored. */
export interface StoredSpan {
  readonly facts: SpanFacts
  readonly counted: Counted
}

/** What of a batch is stored in one trace. */
export interface TraceChange {
  readonly added: readonly SpanFacts[]
  readonly replaced: readonly { readonly now: SpanFacts; readonly before: StoredSpan }[]
  /** The lowest stamp of all spans that were offered, those that lost among them. */
  readonly firstSeen: number
}

/** What a change looks up in the database, before anything of it is stored. */
export interface TraceSource {
  /** Stored spans by their ids; ancestors of them as well, where they come for nothing. */
  spans(spanIds: readonly string[]): Promise<readonly StoredSpan[]> | readonly StoredSpan[]
  /** What waits for parents that are not stored. */
  waiting(parentIds: readonly string[]): Promise<ReadonlyMap<string, Below>> | ReadonlyMap<string, Below>
}

/** A trace that was brought forward. */
export interface FoldedTrace extends Omit<UsageChange, 'growth'> {
  readonly state: TraceState | undefined
}

/** Whether the state of a trace is not known although it has spans: then only all of them can tell. */
export const isUncounted = ({ state, spanCount }: StoredTrace): boolean => state === undefined && spanCount > 0

const nothingCounted: UsageChange = { counted: new Map(), ancestors: new Map(), waiting: new Map(), growth: noSums }

/**
 * Brings a trace forward by what is stored now.
 *
 * @returns undefined where only all of its spans together can tell
 */
export async function foldTrace(
  trace: StoredTrace,
  { added, replaced, firstSeen }: TraceChange,
  source: TraceSource,
): Promise<FoldedTrace | undefined> {
  const { state } = trace
  if (isUncounted(trace) || state?.isWhole) return undefined
  const plain = replaced.map(({ now, before }) => ({ now, before: before.facts }))
  const draft: SpansChange = { added, replaced: plain, firstSeen, growth: noSums }
  if (replaced.some(({ now, before }) => now.parentId !== before.facts.parentId || now.kind !== before.facts.kind)) {
    return undefined
  }
  const usage = await changeOf(added, replaced, source)
  if (!usage) return undefined
  const parents = parentsToLookUp(state, draft)
  const stored = parents.length > 0 ? await source.spans(parents) : []
  const ids = new Set(stored.map(({ facts }) => facts.spanId))
  const folded = foldSpans(state, { ...draft, growth: usage.growth }, (spanId) => ids.has(spanId))
  return folded && { state: folded, counted: usage.counted, ancestors: usage.ancestors, waiting: usage.waiting }
}

function changeOf(added: TraceChange['added'], replaced: TraceChange['replaced'], source: TraceSource) {
  if (added.length === 0 && replaced.length === 0) return nothingCounted
  const usages = replaced.map(({ now, before }) => ({ now, before: usageOf(before) }))
  return changeUsage(added, usages, {
    spans: async (spanIds) => (await source.spans(spanIds)).map(usageOf),
    waiting: (parentIds) => source.waiting(parentIds),
  })
}

const usageOf = ({ facts: { spanId, parentId, kind, own }, counted: { share, below } }: StoredSpan): StoredUsage => ({
  spanId,
  parentId,
  kind,
  own,
  share,
  below,
})

/** Whether a span reports anything. */
export const reportsUsage = ({ own }: SpanFacts): boolean => own !== noUsage
