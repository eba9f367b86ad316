/** The bytes that V8 takes, about, for a string, an object or an array without its content. */
const headBytes = 24
const slotBytes = 8

/**
 * Freezes an answer with all that is in it, since many callers get the same one, and returns its estimated bytes of heap.
 * An answer is a tree of plain objects.
 */
export function freezeAndSize(answer: unknown): number {
  let bytes = typeof answer === 'string' ? headBytes + answer.length : 0
  const open: object[] = typeof answer === 'object' && answer !== null ? [answer] : []
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const children: unknown[] = Object.values(value)
    bytes += headBytes + children.length * slotBytes
    for (const child of children) {
      if (typeof child === 'string') bytes += headBytes + child.length
      else if (typeof child === 'object' && child !== null) open.push(child)
    }
    Object.freeze(value)
  }
  return bytes
}
