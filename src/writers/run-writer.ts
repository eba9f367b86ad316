import { microsFromIso } from '../../schema/time.ts'
import { now } from '../clock.ts'
import { BatchError, PoolError, type RejectedRow, StorageError, ValidationError } from '../errors.ts'
import type { Pool } from '../pool/pool.ts'
import { acceptRow, isAccepted, rowDefaults } from './accept.ts'
import { type AcceptedRow, leadingKeyOf } from './accepted-row.ts'
import { writerSettings } from './options.ts'
import type { NewSpan, NewTrace } from './records.ts'
import { type Retry, retryPolicy } from './retry-policy.ts'
import { createSink } from './sinks/create-sink.ts'
import type { RunSink } from './sinks/sink.ts'
import { completeSpan, spanDefaults } from './span-rows.ts'
import { traceDefaults, withAuthored } from './trace-rows.ts'
import type { ScopedWriterOptions } from './writers.ts'

/** A run that is saved whole: its trace, and the spans that follow from its document. */
export interface NewRun {
  readonly trace: NewTrace
  readonly spans: readonly NewSpan[]
}

/** How runs are saved. */
export interface SaveRunsOptions {
  /** What the spans follow from: the name of their scope. */
  source: string
  /**
   * What becomes of a run whose trace has spans of another source already, which tell the same once more. `merge`: its
   * trace is saved, its spans are not, so that nothing counts twice. `refuse`: it is rejected. @default 'merge'
   */
  whenOthers?: 'merge' | 'refuse' | undefined
}

/** A checked run. */
interface AcceptedRun {
  readonly index: number
  readonly trace: AcceptedRow
  readonly spans: readonly AcceptedRow[]
}

/**
 * Saves runs whole: a trace and all of its spans at once, in the place of what was saved of it before. Nothing waits in
 * it: each call is one transaction.
 */
export class RunWriter {
  readonly #projectId: string
  readonly #sink: RunSink
  readonly #retry: Retry
  readonly #running = new Set<Promise<unknown>>()
  #closed = false

  constructor(pool: Pool, options: ScopedWriterOptions = {}) {
    this.#projectId = options.projectId ?? 'default'
    this.#sink = createSink(pool, options.method)
    this.#retry = retryPolicy(writerSettings(options), () => {})
  }

  /**
   * Saves runs. Every run that can be saved is.
   *
   * @throws BatchError when some cannot, with the index and the fault of each; StorageError when the database stayed away
   */
  save(runs: readonly NewRun[], options: SaveRunsOptions): Promise<{ stored: number }> {
    if (this.#closed) return Promise.reject(new PoolError('Could not save runs: the writer is closed.'))
    const saving: Promise<{ stored: number }> = this.#save(runs, options).finally(() => this.#running.delete(saving))
    this.#running.add(saving)
    return saving
  }

  /** Deletes the spans of a source, before another source tells the same. */
  forgetSpans(traceIds: readonly string[], source: string): Promise<void> {
    return this.#sink.forgetSpans(this.#projectId, traceIds.toSorted(), source)
  }

  async flush(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  close(): Promise<void> {
    this.#closed = true
    return this.flush()
  }

  async #save(runs: readonly NewRun[], options: SaveRunsOptions): Promise<{ stored: number }> {
    const stamp = now()
    const rejected: RejectedRow[] = []
    const accepted = this.#accept(runs, stamp, rejected)
    const stored = await this.#store(accepted, options, microsFromIso(stamp), rejected)
    if (rejected.length === 0) return { stored }
    throw new BatchError(
      'runs',
      stored,
      rejected.toSorted((a, b) => a.index - b.index),
    )
  }

  #accept(runs: readonly NewRun[], stamp: string, rejected: RejectedRow[]): AcceptedRun[] {
    const common = { projectId: this.#projectId, writtenAt: stamp }
    const traceRow = rowDefaults('traces', { ...traceDefaults(stamp), ...common })
    const spanRow = rowDefaults('spans', { ...spanDefaults(), ...common })
    // Of a run that comes twice the last counts.
    const last = new Map<string, AcceptedRun>()
    runs.forEach((run, index) => {
      try {
        const checked = acceptRow('traces', run.trace, traceRow)
        const trace = isAccepted(checked) ? withAuthored(checked, run.trace) : checked
        if (!isAccepted(trace)) throw new ValidationError('trace', trace)
        const spans = run.spans.map((span) => {
          const checked = acceptRow('spans', span, spanRow)
          const row = isAccepted(checked) ? completeSpan(checked) : checked
          if (isAccepted(row)) return row
          throw new ValidationError(`span ${span.spanId}`, row)
        })
        last.set(run.trace.traceId, { index, trace, spans })
      } catch (error) {
        if (!(error instanceof StorageError)) throw error
        rejected.push({ index, code: error.code, message: error.message })
      }
    })
    return [...last.values()]
  }

  async #store(
    runs: readonly AcceptedRun[],
    options: SaveRunsOptions,
    writtenAt: number,
    rejected: RejectedRow[],
  ): Promise<number> {
    if (runs.length === 0) return 0
    const { source, whenOthers = 'merge' } = options
    const traces = runs.map(({ trace }) => trace)
    const spans = runs.flatMap((run) => run.spans)
    const batch = { projectId: this.#projectId, source, traces, spans, writtenAt, whenOthers }
    try {
      const { stored, others } = await this.#retry.execute(() => this.#sink.replaceRuns(batch))
      if (whenOthers === 'refuse') rejected.push(...refusals(runs, new Set(others)))
      return stored
    } catch (error) {
      if (!(error instanceof StorageError) || error.recovery !== 'bisect') throw error
      const [only] = runs
      if (runs.length === 1 && only) {
        rejected.push({ index: only.index, code: error.code, message: error.message })
        return 0
      }
      // The engine refuses a row that the checks let through: it costs its run, not the others.
      const middle = runs.length >> 1
      const left = await this.#store(runs.slice(0, middle), options, writtenAt, rejected)
      return left + (await this.#store(runs.slice(middle), options, writtenAt, rejected))
    }
  }
}

function refusals(runs: readonly AcceptedRun[], others: ReadonlySet<string>): RejectedRow[] {
  return runs
    .map(({ index, trace }) => ({ index, traceId: leadingKeyOf('traces', trace) }))
    .filter(({ traceId }) => others.has(traceId))
    .map(({ index, traceId }) => ({
      index,
      code: 'validation',
      message: `trace ${traceId} has spans of another source already, and its sums would count twice (merge keeps it once)`,
    }))
}
