import { createHash } from 'node:crypto'
import { serialize } from 'node:v8'

/**
 * The key under which the answer of a method to its options is cached: equal for equal options, and a hash, so that it
 * shows none of them. Undefined for options without a key, such as a function: their read goes to the database.
 */
export function cacheKey(projectId: string, method: string, options: object): string | undefined {
  const present = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  if (!isPlain(present)) return undefined
  try {
    const hash = createHash('sha256')
      .update(serialize([method, present]))
      .digest('base64url')
    return `${encodeURIComponent(projectId)}:${method}:${hash}`
  } catch {
    return undefined
  }
}

/**
 * Whether a value consists of plain objects, lists and dates. An instance of another class, such as URL, may hold nothing
 * that `serialize` sees, while a filter uses its `toJSON`.
 */
function isPlain(value: object): boolean {
  const seen = new Set([value])
  for (const each of seen) {
    const prototype: unknown = Object.getPrototypeOf(each)
    if (!plainPrototypes.has(prototype)) return false
    for (const member of Object.values(each)) if (typeof member === 'object' && member !== null) seen.add(member)
  }
  return true
}

const plainPrototypes = new Set<unknown>([Object.prototype, Array.prototype, Date.prototype, null])
