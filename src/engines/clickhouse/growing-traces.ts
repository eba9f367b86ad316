import type { Batch } from '../sink.ts'
import type { BlockRow } from './block-rows.ts'

/** From how many spans on a trace is long: to work out its row then costs more than a statement does. */
const longSpans = 1_000
/** How often the row of a long trace is worked out while it grows, in milliseconds. */
const refreshMs = 1_000
/** Of how many traces it is known how long they are. */
const mostKnown = 20_000

interface Known {
  spans: number
  /** When its row was worked out last, by the clock of the process. */
  refreshedAt: number
}

/**
 * Which traces grow long, as far as one sink has written them. Their rows are worked out once a second, and when
 * everything is to be up to date.
 *
 * Idle: nothing is late. Late: rows are to be worked out when the timer fires, or when `settle` is called, whichever is
 * first. After a failure they are late still, and the timer no longer keeps the process alive.
 */
export class GrowingTraces {
  readonly #refresh: (projectId: string, traceIds: readonly string[]) => Promise<void>
  readonly #known = new Map<string, Known>()
  readonly #late = new Map<string, Set<string>>()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  /** @param refresh works out the rows of traces */
  constructor(refresh: (projectId: string, traceIds: readonly string[]) => Promise<void>) {
    this.#refresh = refresh
  }

  /** Counts the spans of a stored batch, and returns the traces whose rows are to be worked out now. */
  due({ projectId, rows }: Batch<BlockRow>, traceIds: readonly string[]): string[] {
    const spans = new Map<string, number>()
    for (const { leadingKey } of rows) spans.set(leadingKey, (spans.get(leadingKey) ?? 0) + 1)
    const time = performance.now()
    return traceIds.filter((traceId) => {
      const known = this.#know(`${projectId}\0${traceId}`)
      known.spans += spans.get(traceId) ?? 0
      if (known.spans < longSpans || time - known.refreshedAt >= refreshMs) return true
      this.#putOff(projectId, traceId)
      return false
    })
  }

  /** Notes that rows were worked out, from what was stored at some time of the process's clock. */
  refreshed(projectId: string, traceIds: readonly string[], time: number): void {
    const late = this.#late.get(projectId)
    for (const traceId of traceIds) {
      late?.delete(traceId)
      const known = this.#known.get(`${projectId}\0${traceId}`)
      if (known) known.refreshedAt = Math.max(known.refreshedAt, time)
    }
  }

  /**
   * Works out the rows that are late.
   *
   * @throws StorageError when they could not be: they are late still
   */
  settle(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#running = this.#running.catch(() => {}).then(() => this.#settleAll())
    return this.#running
  }

  async #settleAll(): Promise<void> {
    for (const [projectId, traceIds] of this.#late) {
      if (traceIds.size > 0) await this.#refresh(projectId, [...traceIds])
      if (traceIds.size === 0) this.#late.delete(projectId)
    }
  }

  #putOff(projectId: string, traceId: string): void {
    const late = this.#late.get(projectId) ?? new Set()
    this.#late.set(projectId, late.add(traceId))
    this.#timer ??= this.#startTimer()
  }

  #startTimer(): NodeJS.Timeout {
    return setTimeout(() => {
      this.settle().catch(() => {
        this.#timer ??= this.#startTimer().unref()
      })
    }, refreshMs)
  }

  #know(key: string): Known {
    const known = this.#known.get(key) ?? { spans: 0, refreshedAt: Number.NEGATIVE_INFINITY }
    // The one that was written last is forgotten last.
    this.#known.delete(key)
    this.#known.set(key, known)
    if (this.#known.size > mostKnown) this.#known.delete(this.#known.keys().next().value as string)
    return known
  }
}
