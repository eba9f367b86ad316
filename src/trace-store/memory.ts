import { ValidationError } from '../errors.ts'
import type { AgentTrace } from '../formats/selectools/document.ts'
import { fromLine, type SavedTrace, toSaved } from '../formats/selectools/saved-trace.ts'
import { checkedPage, newestFirst, summaryOf, type TraceArchive, traceNotFound } from './archive.ts'
import { checkedFilter, fits } from './filter.ts'
import type { TraceFilter, TraceSummary } from './trace-store.ts'

/** Options of a trace store in memory. */
export interface InMemoryTraceStoreOptions {
  /** The most traces that are kept; the least recently used one is removed first. @default 1000 */
  maxSize?: number | undefined
}

/**
 * Keeps traces in this process, for tests and short runs.
 *
 * @example
 * const store = new InMemoryTraceStore({ maxSize: 100 })
 * const runId = await store.save({ run_id: 'r1', start_time: Date.now() / 1000, steps: [] })
 * const trace = await store.load(runId)
 */
export class InMemoryTraceStore implements TraceArchive {
  /** In the order of use, the longest unused first. */
  readonly #saved = new Map<string, SavedTrace>()
  readonly #maxSize: number

  constructor({ maxSize = 1000 }: InMemoryTraceStoreOptions = {}) {
    if (!Number.isSafeInteger(maxSize) || maxSize < 1) {
      throw new ValidationError('Invalid options', [{ field: 'maxSize', message: 'must be a whole number, 1 or more' }])
    }
    this.#maxSize = maxSize
  }

  async save(trace: AgentTrace): Promise<string> {
    const saved = toSaved(trace)
    this.#keep(saved)
    return saved.runId
  }

  async load(runId: string): Promise<AgentTrace> {
    const saved = this.#saved.get(runId)
    if (!saved) throw traceNotFound(runId)
    this.#keep(saved)
    return fromLine(saved.line).trace
  }

  async list(limit = 50, offset = 0): Promise<TraceSummary[]> {
    checkedPage(limit, offset)
    return this.#newestFirst()
      .slice(offset, offset + limit)
      .map(summaryFrom)
  }

  async query(filter: TraceFilter): Promise<TraceSummary[]> {
    const checked = checkedFilter(filter)
    return this.#newestFirst()
      .map((saved) => ({ saved, summary: summaryFrom(saved) }))
      .filter(({ saved, summary }) => fits(checked, { ...saved, metadata: summary.metadata }))
      .map(({ summary }) => summary)
  }

  async delete(runId: string): Promise<boolean> {
    return this.#saved.delete(runId)
  }

  async restore(saved: SavedTrace): Promise<void> {
    this.#keep(saved)
  }

  async *stream(filter: TraceFilter = {}): AsyncGenerator<SavedTrace> {
    const checked = checkedFilter(filter)
    for (const saved of this.#newestFirst()) {
      if (fits(checked, { ...saved, metadata: summaryFrom(saved).metadata })) yield saved
    }
  }

  #newestFirst(): SavedTrace[] {
    return [...this.#saved.values()].sort(newestFirst)
  }

  #keep(saved: SavedTrace): void {
    this.#saved.delete(saved.runId)
    this.#saved.set(saved.runId, saved)
    if (this.#saved.size <= this.#maxSize) return
    const [longestUnused] = this.#saved.keys()
    if (longestUnused !== undefined) this.#saved.delete(longestUnused)
  }
}

const summaryFrom = (saved: SavedTrace): TraceSummary => summaryOf(saved, fromLine(saved.line).trace.metadata)
