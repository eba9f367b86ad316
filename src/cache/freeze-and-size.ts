/** What V8 takes for a string, an object or an array beside what is in it, about. */
const headBytes = 24
const slotBytes = 8

/**
 * Freezes an answer to the bottom, since many callers get the same one, and estimates its bytes of heap on the way.
 * Answers are trees of plain objects, as rows are.
 */
export function seal(answer: unknown): number {
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
