/** What a tree needs of a span. */
export interface TreeSpan {
  readonly spanId: string
  readonly parentSpanId: string | null
}

/** A span at its place in the tree. */
export interface TreeNode<S> {
  readonly span: S
  /** The lines that lead to it: `│ └ `. */
  readonly guide: string
  /** Why it stands at the top although it names a parent. */
  readonly remark?: 'parent missing' | 'parents in a circle'
}

/** Longer guides keep their end only: past this depth nobody counts the lines. */
const longestGuide = 24

/**
 * The spans as a tree, written down from top to bottom; siblings keep their order. Every span stands in it once, also
 * where its parent is not among them, or where parents go in a circle.
 */
export function flattenTree<S extends TreeSpan>(spans: readonly S[]): TreeNode<S>[] {
  const children = new Map(spans.map(({ spanId }): [string | null, S[]] => [spanId, []]))
  for (const span of spans) children.get(span.parentSpanId)?.push(span)
  const nodes: TreeNode<S>[] = []
  const placed = new Set<S>()

  const place = (top: TreeNode<S>) => {
    // A stack of its own: a chain of spans may be deeper than calls can be.
    const waiting = [{ node: top, indent: '' }]
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { node, indent } = next
      nodes.push(node)
      placed.add(node.span)
      const below = (children.get(node.span.spanId) ?? []).filter((child) => !placed.has(child))
      const branches = below.map((span, index) => {
        const [branch, beside] = index === below.length - 1 ? ['└ ', '  '] : ['├ ', '│ ']
        return { node: { span, guide: shortened(indent + branch) }, indent: (indent + beside).slice(-longestGuide) }
      })
      waiting.push(...branches.reverse())
    }
  }

  for (const span of spans) {
    if (span.parentSpanId === null) place({ span, guide: '' })
    else if (!children.has(span.parentSpanId)) place({ span, guide: '', remark: 'parent missing' })
  }
  // What no top leads to hangs in a circle; its first span is as good a top as any.
  for (const span of spans) {
    if (!placed.has(span)) place({ span, guide: '', remark: 'parents in a circle' })
  }
  return nodes
}

const shortened = (guide: string) => (guide.length > longestGuide ? `…${guide.slice(1 - longestGuide)}` : guide)
