import { createHash } from 'node:crypto'
import type { Json } from '../../schema/values.ts'

/**
 * Ids of records that come without one: made of their content, so that importing a document twice stores them once. Of
 * records that are equal within one document each has an id of its own.
 */
export class ContentIds {
  readonly #seen = new Map<string, number>()

  /** The id of a record's content; the order of an object's keys does not count. */
  idOf(content: unknown): string {
    const text = stableJson(content as Json)
    const ordinal = this.#seen.get(text) ?? 0
    this.#seen.set(text, ordinal + 1)
    return contentId(ordinal === 0 ? text : `${text} ${ordinal}`)
  }
}

/** An id of 32 hexadecimal digits, as OpenTelemetry's trace ids have. */
export const contentId = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

function stableJson(value: Json | undefined): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(stableJson).join(',')}]`
  const members = value as { readonly [key: string]: Json | undefined }
  const keys = Object.keys(members)
    .filter((key) => members[key] !== undefined && members[key] !== null)
    .sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${stableJson(members[key])}`).join(',')}}`
}
