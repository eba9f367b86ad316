import { LRUCache } from 'lru-cache'

const mostKnown = 20_000

/**
 * Traces that the sinks of a pool have found or stored, the latest of them: a further batch locks them at once, and neither works out
 * nor sends the row that a missing trace would need. That one is gone meanwhile shows when it is locked.
 */
export class KnownTraces {
  readonly #keys = new LRUCache<string, true>({ max: mostKnown })

  has(projectId: string, traceId: string): boolean {
    return this.#keys.has(`${projectId}\0${traceId}`)
  }

  add(projectId: string, traceIds: readonly string[]): void {
    for (const traceId of traceIds) this.#keys.set(`${projectId}\0${traceId}`, true)
  }

  forget(projectId: string, traceIds: readonly string[]): void {
    for (const traceId of traceIds) this.#keys.delete(`${projectId}\0${traceId}`)
  }
}
