/** The first wait after a ring, in milliseconds. It doubles with each that follows … */
const firstWaitMs = 10
/** … until so many have passed: by then, after a good second, what was rung for is to be seen. */
const shortWaits = 7

/**
 * Wakes one who waits for news. A ring that comes while nobody waits is not lost: the next wait ends at once. What was
 * rung for may take a moment to be visible, while a transaction that began earlier still runs: so some short waits
 * follow a ring.
 */
export class Bell {
  #hasRung = false
  /** Short waits that are left. */
  #left = 0
  #wake: (() => void) | undefined

  ring(): void {
    this.#hasRung = true
    this.#left = shortWaits
    this.#wake?.()
  }

  /** Ends with a ring, with the signal, or after a while: at most `mostMs`. */
  async wait(mostMs: number, signal?: AbortSignal): Promise<void> {
    if (!this.#hasRung && !signal?.aborted) await this.#pause(this.#nextWaitMs(mostMs), signal)
    this.#hasRung = false
  }

  #nextWaitMs(mostMs: number): number {
    if (this.#left === 0) return mostMs
    this.#left -= 1
    return Math.min(firstWaitMs * 2 ** (shortWaits - 1 - this.#left), mostMs)
  }

  #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(end, ms)
      signal?.addEventListener('abort', end, { once: true })
      this.#wake = end
    })
  }
}
