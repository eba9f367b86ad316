import { LRUCache } from 'lru-cache'
import type { Scope } from './cache-tag.ts'

/** Tokens that are kept; one that had to go costs a miss. */
const mostTokens = 100_000

/**
 * A token stands for a state of a scope as this process knows it. A write drops the tokens of what it touched, so what
 * was read under them is out of date; nobody ever gets the same token twice.
 */
export class LocalTokens {
  readonly #tokens = new LRUCache<string, number>({ max: mostTokens })
  #next = 0

  /** The tokens of scopes, as one text. */
  of(scopes: readonly Scope[]): string {
    return scopes.map((scope) => this.#tokenOf(scope)).join('.')
  }

  drop(scopes: readonly Scope[]): void {
    for (const scope of scopes) this.#tokens.delete(scope)
  }

  #tokenOf(scope: Scope): number {
    const found = this.#tokens.get(scope)
    if (found !== undefined) return found
    this.#next += 1
    this.#tokens.set(scope, this.#next)
    return this.#next
  }
}
