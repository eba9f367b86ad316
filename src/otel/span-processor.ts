import { readInParts, recordsPerTurn } from './in-parts.ts'
import type { ExporterOptions } from './options.ts'
import { hasEnded, readSpans } from './read-spans.ts'
import type { ReadableSpan, ResultCallback } from './sdk.ts'
import { type ExporterStats, StoredExports } from './stored-exports.ts'

/**
 * How spans are processed. `timeoutMs` is longer than an exporter's, since the SDK gives a processor all the time that
 * it takes, but when it shuts down. @default of timeoutMs 300000, five minutes
 */
export type SpanProcessorOptions = ExporterOptions & {
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

const processorDefaults = { timeoutMs: 300_000, delayMs: 1_000, batchSpans: 512, running: true } as const

/**
 * Stores spans of the OpenTelemetry JavaScript SDK, in the place of a BatchSpanProcessor with an exporter. Beyond these
 * it shows long spans while they run, and bridges outages of the database that are longer than half a minute.
 *
 * Idle: no timer. Waiting: spans have ended, or run for less than `delayMs`; the timer runs. What it exports goes side
 * by side: a span is stored as running only if it still runs when its row is stamped, so its end has a later stamp.
 *
 * @example
 * const sdk = new NodeSDK({
 *   spanProcessors: [new TraceholdSpanProcessor({ url: process.env.DATABASE_URL, migrate: true })],
 * })
 * sdk.start()
 */
export class TraceholdSpanProcessor {
  readonly #exports: StoredExports
  readonly #delayMs: number
  readonly #batchSpans: number
  readonly #showsRunning: boolean
  /** Spans that run and are not stored yet, and when they started, the oldest first. */
  readonly #started = new Map<ReadableSpan, number>()
  /** Nobody else hears of a failure. */
  readonly #answer: ResultCallback
  #ended: ReadableSpan[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(options: SpanProcessorOptions = {}) {
    const { timeoutMs = processorDefaults.timeoutMs } = options
    this.#exports = new StoredExports('spans', { ...options, timeoutMs })
    this.#delayMs = options.delayMs ?? processorDefaults.delayMs
    this.#batchSpans = options.batchSpans ?? processorDefaults.batchSpans
    this.#showsRunning = options.running ?? processorDefaults.running
    this.#answer = options.onError ? () => {} : warn
  }

  /** The SDK calls it when a span starts. */
  onStart(span: ReadableSpan): void {
    if (!this.#showsRunning || !isSampled(span)) return
    this.#started.set(span, performance.now())
    this.#wait()
  }

  /** The SDK calls it when a span has ended. */
  onEnd(span: ReadableSpan): void {
    this.#started.delete(span)
    if (!isSampled(span)) return
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

  /** Sets the timer. A process may end before: without a shutdown what waits is lost, as with the SDK's processors. */
  #wait(): void {
    this.#timer ??= setTimeout(() => this.#onTimer(), this.#delayMs).unref()
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
    if (ended.length > 0) this.#exports.export(ended.length, () => readInParts(ended, readSpans), this.#answer)
  }

  #storeRunning(): void {
    const latest = performance.now() - this.#delayMs
    const long: ReadableSpan[] = []
    for (const [span, startedAt] of this.#started) {
      if (startedAt > latest) break
      this.#started.delete(span)
      long.push(span)
    }
    // As many as are read and stamped in one turn, in which none of them ends.
    for (let from = 0; from < long.length; from += recordsPerTurn) {
      const spans = long.slice(from, from + recordsPerTurn)
      const readRunning = (part: readonly ReadableSpan[]) => readSpans(part.filter((span) => !hasEnded(span)))
      this.#exports.export(spans.length, () => readInParts(spans, readRunning), this.#answer)
    }
  }
}

const warn: ResultCallback = ({ error }) => {
  if (error) process.emitWarning(error.message, 'TraceholdWarning')
}

/** The SDK also hands over spans that are recorded and not sampled: they are not exported. */
const isSampled = (span: ReadableSpan): boolean => ((span.spanContext().traceFlags ?? 0) & 1) === 1
