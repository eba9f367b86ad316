import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { stableJson } from '../text/stable-json.ts'

/** Contents that are remembered: equal records have one time, and stand near each other in what a program wrote. */
const mostRemembered = 50_000

/**
 * Ids of records that come without one: made of their content, so that importing a source twice stores them once. Of
 * records that are equal within one source each has an id of its own, by how many were before it, whatever documents
 * they are in; two equal ones with more than 50 000 others between them are one.
 */
export class ContentIds {
  readonly #seen = new LRUCache<string, number>({ max: mostRemembered })

  /** The id of a record's content; the order of keys and members that are null do not count. */
  idOf(content: unknown): string {
    const text = stableJson(content, isGiven)
    const id = contentId(text)
    const ordinal = this.#seen.get(id) ?? 0
    this.#seen.set(id, ordinal + 1)
    return ordinal === 0 ? id : contentId(`${text} ${ordinal}`)
  }
}

const isGiven = (member: unknown) => member !== null

/** An id of 32 hexadecimal digits, as OpenTelemetry's trace ids have. */
export const contentId = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
