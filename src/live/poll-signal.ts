/** The first wait after a notification, in milliseconds. Each wait that follows is twice as long. */
const firstWaitMs = 10
/** Number of short waits. Together they last a good second: by then the announced rows are visible. */
const shortWaits = 7

/**
 * Wakes a reader that polls. A notification that arrives between two waits is kept: the next wait ends at once. The
 * announced rows may not be visible yet while an older transaction still runs, so some short waits follow each
 * notification.
 */
export class PollSignal {
  #isNotified = false
  #shortWaitsLeft = 0
  #wake: (() => void) | undefined

  /** Says that there may be something to read. */
  notify(): void {
    this.#isNotified = true
    this.#shortWaitsLeft = shortWaits
    this.#wake?.()
  }

  /** Waits for a notification, for the abort signal, or at most `mostMs` milliseconds. */
  async wait(mostMs: number, signal?: AbortSignal): Promise<void> {
    if (!this.#isNotified && !signal?.aborted) await this.#pause(this.#nextWaitMs(mostMs), signal)
    this.#isNotified = false
  }

  #nextWaitMs(mostMs: number): number {
    if (this.#shortWaitsLeft === 0) return mostMs
    this.#shortWaitsLeft -= 1
    return Math.min(firstWaitMs * 2 ** (shortWaits - 1 - this.#shortWaitsLeft), mostMs)
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
