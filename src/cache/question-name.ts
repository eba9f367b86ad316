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
  try {
    const hash = createHash('sha256')
      .update(serialize([method, given]))
      .digest('base64url')
    return `${encodeURIComponent(projectId)}:${method}:${hash}`
  } catch {
    return undefined
  }
}
