import { createHash } from 'node:crypto'
import { serialize } from 'node:v8'

/**
 * A name for a question that is asked with options, equal for equal options; it does not tell them. Undefined for
 * options that cannot be named, such as functions: the database says what is wrong with them.
 */
export function questionName(projectId: string, method: string, options: object): string | undefined {
  const given = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  if (!isPlain(given)) return undefined
  try {
    const hash = createHash('sha256')
      .update(serialize([method, given]))
      .digest('base64url')
    return `${encodeURIComponent(projectId)}:${method}:${hash}`
  } catch {
    return undefined
  }
}

/**
 * Whether all in a value is written down by what it holds. Instances of other classes, such as URL, are not: a filter has
 * what their `toJSON` says.
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
