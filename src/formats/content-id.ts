import { createHash } from 'node:crypto'
import { stableJson } from '../text/stable-json.ts'

/**
 * Makes ids of records from their content, so that importing a document twice stores them once. Equal records within
 * one document get different ids.
 */
export class ContentIds {
  readonly #seen = new Map<string, number>()

  /** The id of a record's content; the order of keys and members that are null do not count. */
  idOf(content: unknown): string {
    const text = stableJson(content, isGiven)
    const ordinal = this.#seen.get(text) ?? 0
    this.#seen.set(text, ordinal + 1)
    return contentId(ordinal === 0 ? text : `${text} ${ordinal}`)
  }
}

const isGiven = (member: unknown) => member !== null

/** An id of 32 hexadecimal digits, as OpenTelemetry's trace ids have. */
export const contentId = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
