import type { ReadResult } from '../formats/read-result.ts'
import { recordsPerTurn } from './in-parts.ts'
import type { ExporterOptions } from './options.ts'
import type { ResultCallback } from './sdk.ts'
import { type ExporterStats, StoredExports } from './stored-exports.ts'

/**
 * How spans are stored as they start and end. `timeoutMs` is longer than an exporter's, since nobody waits for an
 * answer but when it shuts down. @default of timeoutMs 300000, five minutes
 */
export type SpanQueueOptions = ExporterOptions & {
  /** How long ended spans wait to be stored together, in milliseconds. @default 1000 */
  delayMs?: number | undefined
  /** As many ended spans are stored without further delay. @default 512 */
  batchSpans?: number | undefined
  /**
   * Store spans that run longer than `delayMs` before they end, with the status `running`: lists and `tail` show them,
   * and their end replaces them. Shorter spans are stored once. Those of a process that is killed stay as they are.
   * @default true
   */
  running?: boolean | undefined
}

/** How the spans of a source are read. */
export interface SpanReader<T> {
  /**
   * The records of spans, or of whatever else a source says of its traces.
   *
   * @param isWanted asked of each when it is read: a span that has ended meanwhile is stored as ended
   */
  readonly read: (spans: readonly T[], isWanted: (span: T) => boolean) => Promise<ReadResult>
  readonly hasEnded: (span: T) => boolean
}

const defaults = { timeoutMs: 300_000, delayMs: 1_000, batchSpans: 512, running: true } as const

/**
 * Stores spans of a source some time after they end, and those that run for long before.
 *
 * Idle: no timer. Waiting: spans have ended, or run for less than `delayMs`; the timer runs. What it exports goes side
 * by side: a span is stored as running only if it still runs when its row is stamped, so its end has a later stamp.
 */
export class SpanQueue<T extends object> {
  readonly #reader: SpanReader<T>
  readonly #exports: StoredExports
  readonly #delayMs: number
  readonly #batchSpans: number
  readonly #showsRunning: boolean
  /** Spans that run and are not stored yet, and when they started, the oldest first. */
  readonly #started = new Map<T, number>()
  /** Nobody else hears of a failure. */
  readonly #answer: ResultCallback
  #ended: T[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(reader: SpanReader<T>, options: SpanQueueOptions = {}) {
    const { timeoutMs = defaults.timeoutMs } = options
    this.#reader = reader
    this.#exports = new StoredExports('spans', { ...options, timeoutMs })
    this.#delayMs = options.delayMs ?? defaults.delayMs
    this.#batchSpans = options.batchSpans ?? defaults.batchSpans
    this.#showsRunning = options.running ?? defaults.running
    this.#answer = options.onError ? () => {} : warn
  }

  /** A span runs. */
  start(span: T): void {
    if (!this.#showsRunning) return
    this.#started.set(span, performance.now())
    this.#wait()
  }

  /** A span has ended. */
  end(span: T): void {
    this.#started.delete(span)
    this.#ended.push(span)
    if (this.#ended.length < this.#batchSpans) this.#wait()
    else this.#storeEnded()
  }

  /** Resolves when every span that ended before it is stored or lost. */
  forceFlush(): Promise<void> {
    this.#storeEnded()
    return this.#exports.forceFlush()
  }

  /** Stores what has ended, within half a minute, and closes the store as an exporter does. Safe to call twice. */
  shutdown(): Promise<void> {
    clearTimeout(this.#timer)
    this.#started.clear()
    this.#storeEnded()
    return this.#exports.shutdown()
  }

  /** What became of the spans that were exported so far: a span that was stored as running counts twice. */
  stats(): ExporterStats {
    return this.#exports.stats()
  }

  /** Sets the timer, for which a process that ends by itself waits: a script needs no shutdown. */
  #wait(): void {
    this.#timer ??= setTimeout(() => this.#onTimer(), this.#delayMs)
  }

  #onTimer(): void {
    this.#timer = undefined
    this.#storeRunning()
    this.#storeEnded()
    if (this.#started.size > 0) this.#wait()
  }

  #storeEnded(): void {
    const ended = this.#ended
    this.#ended = []
    if (ended.length > 0) this.#exports.export(ended.length, () => this.#reader.read(ended, () => true), this.#answer)
  }

  #storeRunning(): void {
    const latest = performance.now() - this.#delayMs
    const long: T[] = []
    for (const [span, startedAt] of this.#started) {
      if (startedAt > latest) break
      this.#started.delete(span)
      long.push(span)
    }
    // As many as are read and stamped in one turn, in which none of them ends.
    for (let from = 0; from < long.length; from += recordsPerTurn) {
      const spans = long.slice(from, from + recordsPerTurn)
      const isRunning = (span: T) => !this.#reader.hasEnded(span)
      this.#exports.export(spans.length, () => this.#reader.read(spans, isRunning), this.#answer)
    }
  }
}

const warn: ResultCallback = ({ error }) => {
  if (error) process.emitWarning(error.message, 'TraceholdWarning')
}
