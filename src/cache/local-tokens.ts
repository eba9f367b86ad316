import { LRUCache } from 'lru-cache'
import type { CacheTag } from './cache-tag.ts'

/** Tokens that are kept. One that is evicted costs a miss. */
const mostTokens = 100_000

/**
 * The tokens of tags in this process. A tag has another token after each write that touches it, and never the same one
 * twice. So an answer that was read under an older token is out of date.
 */
export class LocalTokens {
  readonly #tokens = new LRUCache<string, number>({ max: mostTokens })
  #next = 0

  /** The tokens of tags, as one text. */
  of(tags: readonly CacheTag[]): string {
    return tags.map((tag) => this.#tokenOf(tag)).join('.')
  }

  /** Gives tags other tokens. */
  invalidate(tags: readonly CacheTag[]): void {
    for (const tag of tags) this.#tokens.delete(tag)
  }

  #tokenOf(tag: CacheTag): number {
    const found = this.#tokens.get(tag)
    if (found !== undefined) return found
    this.#next += 1
    this.#tokens.set(tag, this.#next)
    return this.#next
  }
}
