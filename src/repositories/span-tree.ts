/** A span and its parent. */
export interface SpanLinkage {
  readonly spanId: string
  readonly parentSpanId: string | null
}

/** A span below another one, and how far. */
export interface Descendant {
  readonly spanId: string
  /** 0 is the span that was asked for. */
  readonly depth: number
}

/** A span and all below it, parents before children, siblings in the order of `spans`. Empty when it is not there. */
export function subtreeOf(spans: readonly SpanLinkage[], spanId: string): Descendant[] {
  const children = groupByParent(spans)
  const found: Descendant[] = []
  const seen = new Set<string>()
  const open: Descendant[] = spans.some((span) => span.spanId === spanId) ? [{ spanId, depth: 0 }] : []
  for (let next = open.pop(); next; next = open.pop()) {
    // Sources do send spans that are their own ancestors.
    if (seen.has(next.spanId)) continue
    seen.add(next.spanId)
    found.push(next)
    const below = children.get(next.spanId) ?? []
    for (let i = below.length - 1; i >= 0; i -= 1) open.push({ spanId: below[i] as string, depth: next.depth + 1 })
  }
  return found
}

/** The ids from the root down to a span. Empty when it is not there. */
export function pathTo(spans: readonly SpanLinkage[], spanId: string): string[] {
  const parents = new Map(spans.map((span) => [span.spanId, span.parentSpanId]))
  const path: string[] = []
  const seen = new Set<string>()
  let current: string | null | undefined = spanId
  while (current != null && parents.has(current) && !seen.has(current)) {
    seen.add(current)
    path.push(current)
    current = parents.get(current)
  }
  return path.reverse()
}

function groupByParent(spans: readonly SpanLinkage[]): Map<string, string[]> {
  const children = new Map<string, string[]>()
  for (const { spanId, parentSpanId } of spans) {
    if (parentSpanId === null) continue
    const siblings = children.get(parentSpanId)
    if (siblings) siblings.push(spanId)
    else children.set(parentSpanId, [spanId])
  }
  return children
}
