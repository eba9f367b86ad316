import type { NewSpan } from '../../src/index.ts'

/** What counts of the usage of spans, worked out a second time and as plainly as it is defined. */

const measures = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadTokens',
  'cacheCreationTokens',
  'reasoningTokens',
  'cost',
  'calls',
] as const
type Amounts = Record<(typeof measures)[number], number | null>
type Sums = Record<(typeof measures)[number], number>

interface Counted {
  share: Amounts
  near: Sums
  far: Sums
}

const zeros = (): Sums => Object.fromEntries(measures.map((measure) => [measure, 0])) as Sums

/** The shares of the spans of one trace, by their ids. */
export function modelShares(spans: readonly NewSpan[]): Map<string, Amounts> {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const nextOf = (id: string) => {
    const parent = byId.get(id)?.parentSpanId
    return parent != null && parent !== id && byId.has(parent) ? parent : undefined
  }
  const isInCircle = (id: string) => {
    let at = nextOf(id)
    for (let steps = 0; at !== undefined && steps <= spans.length; steps += 1) {
      if (at === id) return true
      at = nextOf(at)
    }
    return false
  }
  const parents = new Map<string, string | undefined>()
  for (const id of byId.keys()) {
    const parent = nextOf(id)
    parents.set(id, parent !== undefined && !isInCircle(parent) ? parent : undefined)
  }
  const shares = new Map<string, Amounts>()
  const count = (span: NewSpan): Counted => {
    const [near, far] = [zeros(), zeros()]
    for (const child of spans) {
      if (parents.get(child.spanId) !== span.spanId) continue
      const up = count(child)
      for (const measure of measures) {
        near[measure] += up.near[measure]
        far[measure] += up.far[measure]
      }
    }
    const share = shareOf(span, near, far)
    shares.set(span.spanId, share)
    const sum = (a: Sums, b: Partial<Record<string, number | null>>): Sums =>
      Object.fromEntries(measures.map((measure) => [measure, a[measure] + (b[measure] ?? 0)])) as Sums
    if (['tool', 'mcp', 'agent'].includes(span.kind ?? 'other')) {
      return { share, near: zeros(), far: sum(sum(far, near), share) }
    }
    return { share, near: sum(near, share), far }
  }
  for (const span of spans) if (parents.get(span.spanId) === undefined) count(span)
  return shares
}

function shareOf(span: NewSpan, near: Sums, far: Sums): Amounts {
  const own = ownOf(span)
  const isModelCall = ['llm', 'embedding', 'rerank'].includes(span.kind ?? 'other')
  const repeated = (measure: keyof Sums) => near[measure] + (isModelCall ? 0 : far[measure])
  const share = Object.fromEntries(
    measures.map((measure) => {
      const reported = own[measure]
      return [measure, reported === null ? null : Math.max(0, reported - repeated(measure))]
    }),
  ) as Amounts
  if (own.totalTokens !== null) {
    const counted = (share.inputTokens ?? 0) + (share.outputTokens ?? 0)
    share.totalTokens = Math.max(counted, own.totalTokens - repeated('totalTokens'), 0)
  }
  const limit = (part: keyof Sums, whole: keyof Sums) => {
    if (share[part] === null) return
    const inTree = near[whole] + far[whole] + (share[whole] ?? 0)
    share[part] = Math.max(0, Math.min(share[part] ?? 0, inTree - near[part] - far[part]))
  }
  limit('cacheReadTokens', 'inputTokens')
  limit('cacheCreationTokens', 'inputTokens')
  limit('reasoningTokens', 'outputTokens')
  return share
}

function ownOf(span: NewSpan): Amounts {
  const { inputTokens = null, outputTokens = null, costUsd = null } = span
  const isCounted = inputTokens !== null || outputTokens !== null
  const total = span.totalTokens ?? (isCounted ? (inputTokens ?? 0) + (outputTokens ?? 0) : null)
  return {
    inputTokens,
    outputTokens,
    totalTokens: total,
    cacheReadTokens: span.cacheReadTokens ?? null,
    cacheCreationTokens: span.cacheCreationTokens ?? null,
    reasoningTokens: span.reasoningTokens ?? null,
    cost: costUsd === null ? null : Math.floor(costUsd * 1e9 + 0.5),
    calls: span.kind === 'llm' ? 1 : null,
  }
}
