import { setMaxListeners } from 'node:events'
import { microsFromIso } from '../../schema/time.ts'
import { now } from '../clock.ts'
import { type FlushOptions, settlesWithin } from '../engines/deadline.ts'
import { createSink } from '../engines/notifying-sink.ts'
import type { Pool } from '../engines/pool.ts'
import type { RunBatch } from '../engines/runs.ts'
import type { RunSink, Sink } from '../engines/sink.ts'
import { BatchError, PoolError, type RejectedRow, StorageError, TimeoutError, ValidationError } from '../errors.ts'
import { type AcceptedRow, keyOf, leadingKeyOf, stampIndexes } from '../rows/accepted-row.ts'
import type { RunRecord } from '../rows/records.ts'
import { shortId } from '../text/short-id.ts'
import { acceptRow, isAccepted, rowDefaults } from './accept.ts'
import { type WriterSettings, writerSettings } from './options.ts'
import { withRetries } from './retry-policy.ts'
import { completeSpan, spanDefaults } from './span-rows.ts'
import { traceDefaults, withAuthored } from './trace-rows.ts'
import { hookOfSettings } from './transforms/hook-of-settings.ts'
import type { Hook } from './transforms/transform.ts'
import { unlessAborted } from './unless-aborted.ts'
import type { ScopedWriterOptions } from './writers.ts'

/** How runs are saved. */
export interface SaveRunsOptions {
  /** Where the spans come from: the name of their scope. */
  source: string
  /**
   * What becomes of a run whose trace has spans of another source already, which tell the same once more. `merge`: its
   * trace is saved, its spans are not, so that nothing counts twice. `refuse`: it is rejected. @default 'merge'
   */
  onOtherSource?: 'merge' | 'refuse' | undefined
}

/** What became of the runs of a call. */
interface Outcome {
  stored: number
  readonly rejected: RejectedRow[]
}

/** A checked run of a call. */
interface AcceptedRun {
  readonly index: number
  readonly trace: AcceptedRow
  readonly spans: readonly AcceptedRow[]
  readonly outcome: Outcome
}

type Options = Pick<RunBatch, 'source' | 'onOtherSource'>

/** Runs of one or more calls that are stored in one transaction, by trace id. */
interface Group {
  readonly options: Options
  readonly runs: Map<string, AcceptedRun>
  rows: number
  bytes: number
}

/** A group that waits for its turn. */
interface Waiting {
  readonly group: Group
  readonly stored: Promise<void>
  readonly begin: () => void
}

/**
 * Saves whole runs: a trace and all of its spans replace what was saved of it before. A call is stored at once if a
 * connection is free. Calls that wait for one are stored together in one transaction, which costs little more than one
 * run.
 */
export class RunWriter {
  readonly #projectId: string
  readonly #sink: Sink & RunSink
  readonly #settings: WriterSettings
  readonly #hook: Hook | undefined
  readonly #over = new AbortController()
  readonly #line: Waiting[] = []
  #active = 0
  readonly #running = new Set<Promise<unknown>>()
  #closed = false

  constructor(pool: Pool, options: ScopedWriterOptions = {}) {
    this.#projectId = options.projectId ?? 'default'
    this.#sink = createSink(pool, options)
    this.#settings = writerSettings(options)
    this.#hook = hookOfSettings(this.#settings)
    // Each call that runs listens.
    setMaxListeners(0, this.#over.signal)
  }

  /**
   * Saves runs. Every run that can be saved is.
   *
   * @throws BatchError when some cannot, with the index and the fault of each; StorageError when the database is unreachable
   */
  save(runs: readonly RunRecord[], options: SaveRunsOptions): Promise<{ stored: number }> {
    if (this.#closed) return Promise.reject(new PoolError('Could not save runs: the writer is closed.'))
    const saving: Promise<{ stored: number }> = unlessAborted(this.#save(runs, options), this.#over.signal).finally(
      () => this.#running.delete(saving),
    )
    this.#running.add(saving)
    return saving
  }

  /** Deletes the spans of a source, so that another source can replace them. */
  forgetSpans(traceIds: readonly string[], source: string): Promise<void> {
    return this.#sink.forgetSpans(this.#projectId, traceIds.toSorted(), source)
  }

  /**
   * Waits for the calls that run. What they fail with is thrown by them.
   *
   * @throws TimeoutError when the deadline passed first
   */
  async flush({ deadlineMs }: FlushOptions = {}): Promise<void> {
    const settled = Promise.allSettled(this.#running)
    if (deadlineMs === undefined) await settled
    else if (!(await settlesWithin(settled, deadlineMs))) throw this.#late(`within ${deadlineMs} ms`)
  }

  /** Waits for the calls that run, refuses new ones, and makes those fail that are left at the deadline. */
  async close(options: FlushOptions = {}): Promise<void> {
    this.#closed = true
    await this.flush(options).catch((late) => this.#over.abort(late))
  }

  #late(when: string): TimeoutError {
    return new TimeoutError(`Could not save the runs of ${this.#running.size} calls ${when}.`)
  }

  async #save(
    runs: readonly RunRecord[],
    { source, onOtherSource = 'merge' }: SaveRunsOptions,
  ): Promise<{ stored: number }> {
    const outcome: Outcome = { stored: 0, rejected: [] }
    const accepted = this.#accept(runs, outcome)
    if (accepted.size > 0) await this.#join(groupOf(accepted, { source, onOtherSource }))
    if (outcome.rejected.length === 0) return { stored: outcome.stored }
    throw new BatchError(
      'runs',
      outcome.stored,
      outcome.rejected.toSorted((a, b) => a.index - b.index),
    )
  }

  /** Queues a group, or adds it to the last queued one if both fit in a transaction. */
  #join(group: Group): Promise<void> {
    const last = this.#line.at(-1)
    if (last && this.#fit(last.group, group)) {
      for (const [traceId, run] of group.runs) last.group.runs.set(traceId, run)
      last.group.rows += group.rows
      last.group.bytes += group.bytes
      return last.stored
    }
    let begin = () => {}
    const turn = new Promise<void>((resolve) => (begin = resolve))
    const stored = turn.then(() => this.#storeGroup(group)).finally(() => this.#endTurn())
    this.#line.push({ group, stored, begin })
    this.#beginTurns()
    return stored
  }

  #beginTurns(): void {
    while (this.#active < this.#sink.maxConcurrency) {
      const next = this.#line.shift()
      if (!next) return
      this.#active += 1
      next.begin()
    }
  }

  #endTurn(): void {
    this.#active -= 1
    this.#beginTurns()
  }

  async #storeGroup({ runs, options }: Group): Promise<void> {
    // Never below the stamp of an earlier group: the later call of a trace wins.
    const stamp = microsFromIso(now())
    for (const { trace, spans } of runs.values()) {
      trace.values[stampIndexes.traces] = stamp
      for (const span of spans) span.values[stampIndexes.spans] = stamp
    }
    await this.#store([...runs], options, stamp)
  }

  #fit(one: Group, other: Group): boolean {
    const { bulkRows, bulkBytes } = this.#sink
    return (
      one.options.source === other.options.source &&
      one.options.onOtherSource === other.options.onOtherSource &&
      one.rows + other.rows <= bulkRows &&
      one.bytes + other.bytes <= bulkBytes &&
      [...other.runs.keys()].every((traceId) => !one.runs.has(traceId))
    )
  }

  #accept(runs: readonly RunRecord[], outcome: Outcome): Map<string, AcceptedRun> {
    const stamp = now()
    const common = { projectId: this.#projectId, writtenAt: stamp }
    const traceRow = rowDefaults('traces', { ...traceDefaults(stamp), ...common })
    const spanRow = rowDefaults('spans', { ...spanDefaults(), ...common })
    // The last of equal runs wins.
    const last = new Map<string, AcceptedRun>()
    runs.forEach((run, index) => {
      try {
        const given = this.#transformed(run.trace, 'traces', 'trace')
        if (given === undefined) return
        const checked = acceptRow('traces', given, traceRow)
        const trace = isAccepted(checked) ? withAuthored(checked, given) : checked
        if (!isAccepted(trace)) throw new ValidationError('trace', trace)
        const spans = run.spans.flatMap((each) => {
          const span = this.#transformed(each, 'spans', `span ${shortId(each.spanId)}`)
          if (span === undefined) return []
          const checked = acceptRow('spans', span, spanRow)
          const row = isAccepted(checked) ? completeSpan(checked) : checked
          if (isAccepted(row)) return [row]
          throw new ValidationError(`span ${shortId(each.spanId)}`, row)
        })
        last.set(leadingKeyOf('traces', trace), { index, trace, spans, outcome })
      } catch (error) {
        // A record may throw anything while it is read.
        const known = error instanceof StorageError ? error : unreadable
        outcome.rejected.push({ index, code: known.code, message: known.message })
      }
    })
    return last
  }

  /** What `transform` makes of a record; undefined where it is left out: a run without its trace is left out whole. */
  #transformed<T extends object>(record: T, table: 'traces' | 'spans', what: string): T | undefined {
    const transformed = this.#hook?.(record, table) ?? { record }
    if ('faults' in transformed) throw new ValidationError(what, transformed.faults)
    return transformed.record as T | undefined
  }

  #onFailure(error: StorageError, rows: number, attempt: number, isFinal: boolean): void {
    this.#settings.onError(error, { entity: 'runs', projectId: this.#projectId, rows, attempt, isFinal })
  }

  async #store(runs: readonly (readonly [string, AcceptedRun])[], options: Options, writtenAt: number): Promise<void> {
    const traces = runs.map(([, { trace }]) => trace)
    // A statement cannot store a key twice: the last of equal spans wins.
    const spans = new Map(runs.flatMap(([, run]) => run.spans).map((span) => [keyOf('spans', span), span]))
    const batch = { projectId: this.#projectId, ...options, traces, spans: [...spans.values()], writtenAt }
    try {
      const { superseded, others } = await withRetries(() => this.#sink.replaceRuns(batch), {
        settings: this.#settings,
        signal: this.#over.signal,
        onRetry: (error, attempt) => this.#onFailure(error, runs.length, attempt, false),
      })
      const [lost, told] = [new Set(superseded), new Set(options.onOtherSource === 'refuse' ? others : [])]
      for (const [traceId, { index, outcome }] of runs) {
        if (told.has(traceId)) outcome.rejected.push(refusal(index, traceId))
        else if (!lost.has(traceId)) outcome.stored += 1
      }
    } catch (error) {
      if (error instanceof StorageError && error.recovery !== 'bisect') this.#onFailure(error, runs.length, 1, true)
      if (!(error instanceof StorageError) || error.recovery !== 'bisect') throw error
      const [[, only] = []] = runs
      if (runs.length === 1 && only) {
        only.outcome.rejected.push({ index: only.index, code: error.code, message: error.message })
        return
      }
      // The engine refuses a row that passed the checks: only its run is lost.
      const middle = runs.length >> 1
      await this.#store(runs.slice(0, middle), options, writtenAt)
      await this.#store(runs.slice(middle), options, writtenAt)
    }
  }
}

function groupOf(runs: Map<string, AcceptedRun>, options: Options): Group {
  const group = { options, runs, rows: 0, bytes: 0 }
  for (const { trace, spans } of runs.values()) {
    group.rows += 1 + spans.length
    group.bytes += spans.reduce((bytes, span) => bytes + span.bytes, trace.bytes)
  }
  return group
}

const unreadable = new ValidationError('run', [{ field: 'record', message: 'cannot be read: it throws' }])

const refusal = (index: number, traceId: string): RejectedRow => ({
  index,
  code: 'validation',
  message: `trace ${shortId(traceId)} has spans of another source already, and its sums would count twice (merge keeps it once)`,
})
