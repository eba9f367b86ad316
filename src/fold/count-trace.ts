import { compareUtf8 } from '../text/compare-utf8.ts'
import type { SpanFacts } from './span-facts.ts'
import { foldingWhole, isExact, type TraceState } from './trace-state.ts'
import { atOnce, type Turns } from './turns.ts'
import type { Below } from './usage.ts'
import { type Counted, countingUsage } from './usage-tree.ts'

/** What all spans of a trace come to. */
export interface CountedTrace {
  /** Undefined where there are no spans. */
  readonly state: TraceState | undefined
  /** By id, the spans of which a part counts, or with something under them: `countedIn` answers for all. */
  readonly counted: ReadonlyMap<string, Counted>
  /** What waits for parents that are not stored, by their ids. */
  readonly waiting: ReadonlyMap<string, Below>
}

/**
 * Counts a whole trace: the definition that every change by parts must equal.
 *
 * @param firstSeen the lowest stamp of any span that was offered
 */
export const countTrace = (spans: readonly SpanFacts[], firstSeen: number): CountedTrace =>
  atOnce(countingTrace(spans, firstSeen))

/** The same, in turns. */
export function* countingTrace(spans: readonly SpanFacts[], firstSeen: number): Turns<CountedTrace> {
  const trace = yield* counting(spans, firstSeen)
  if (!trace.state || isExact(trace.state)) return trace
  // Sums beyond 2^53 depend on the order: it is that of the keys.
  const inOrder = [...spans].sort((a, b) => compareUtf8(a.spanId, b.spanId))
  return yield* counting(inOrder, firstSeen)
}

function* counting(spans: readonly SpanFacts[], firstSeen: number): Turns<CountedTrace> {
  const { counted, growth, waiting, hasCircle } = yield* countingUsage(spans)
  return { state: yield* foldingWhole(spans, growth, hasCircle, firstSeen), counted, waiting }
}
