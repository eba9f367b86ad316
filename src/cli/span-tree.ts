/** What a tree needs of a span. */
export interface TreeSpan {
  readonly spanId: string
  readonly parentSpanId: string | null
}

/** A span as a line of the tree. */
export interface TreeNode<S> {
  readonly span: S
  /** The lines that lead to it: `│ └ `. */
  readonly guide: string
  /** Why it is at the top although it names a parent. */
  readonly remark?: 'parent missing' | 'parents in a circle'
}

/** The longest guide, in characters. A longer one keeps only its end. */
const longestGuide = 24

/**
 * The spans as a tree, from top to bottom. Siblings keep their order. Every span is in it once, also with a missing parent
 * or with parents in a circle.
 */
export function flattenTree<S extends TreeSpan>(spans: readonly S[]): TreeNode<S>[] {
  const children = new Map(spans.map(({ spanId }): [string | null, S[]] => [spanId, []]))
  for (const span of spans) children.get(span.parentSpanId)?.push(span)
  const nodes: TreeNode<S>[] = []
  const added = new Set<S>()

  const add = (top: TreeNode<S>) => {
    // A stack instead of recursion: a chain of spans may be deeper than the call stack.
    const waiting = [{ node: top, indent: '' }]
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { node, indent } = next
      nodes.push(node)
      added.add(node.span)
      const below = (children.get(node.span.spanId) ?? []).filter((child) => !added.has(child))
      const branches = below.map((span, index) => {
        const [branch, beside] = index === below.length - 1 ? ['└ ', '  '] : ['├ ', '│ ']
        return { node: { span, guide: shortened(indent + branch) }, indent: (indent + beside).slice(-longestGuide) }
      })
      waiting.push(...branches.reverse())
    }
  }

  for (const span of spans) {
    if (span.parentSpanId === null) add({ span, guide: '' })
    else if (!children.has(span.parentSpanId)) add({ span, guide: '', remark: 'parent missing' })
  }
  // The spans that are left are in circles. The first span of each becomes a top.
  for (const span of spans) {
    if (!added.has(span)) add({ span, guide: '', remark: 'parents in a circle' })
  }
  return nodes
}

const shortened = (guide: string) => (guide.length > longestGuide ? `…${guide.slice(1 - longestGuide)}` : guide)
