import { readInParts } from './in-parts.ts'
import { hasEnded, readSpans } from './read-spans.ts'
import type { ReadableSpan } from './sdk.ts'
import { SpanQueue, type SpanQueueOptions } from './span-queue.ts'
import type { ExporterStats } from './stored-exports.ts'

/** How spans are processed. */
export type SpanProcessorOptions = SpanQueueOptions

/**
 * Stores spans of the OpenTelemetry JavaScript SDK, in the place of a BatchSpanProcessor with an exporter. Beyond these
 * it shows long spans while they run, and bridges outages of the database that are longer than half a minute.
 *
 * @example
 * const sdk = new NodeSDK({
 *   spanProcessors: [new TraceholdSpanProcessor({ url: process.env.DATABASE_URL, migrate: true })],
 * })
 * sdk.start()
 */
export class TraceholdSpanProcessor {
  readonly #queue: SpanQueue<ReadableSpan>

  constructor(options: SpanProcessorOptions = {}) {
    this.#queue = new SpanQueue<ReadableSpan>(
      {
        read: (spans, isWanted) => readInParts(spans, (part, first) => readSpans(part.filter(isWanted), first)),
        hasEnded,
      },
      options,
    )
  }

  /** The SDK calls it when a span starts. */
  onStart(span: ReadableSpan): void {
    if (isSampled(span)) this.#queue.start(span)
  }

  /** The SDK calls it when a span has ended. */
  onEnd(span: ReadableSpan): void {
    if (isSampled(span)) this.#queue.end(span)
  }

  /** Resolves when every span that ended before it is stored or lost. */
  forceFlush(): Promise<void> {
    return this.#queue.forceFlush()
  }

  /** Stores what has ended, within half a minute, and closes the store as an exporter does. Safe to call twice. */
  shutdown(): Promise<void> {
    return this.#queue.shutdown()
  }

  /** What became of the spans that were exported so far: a span that was stored as running counts twice. */
  stats(): ExporterStats {
    return this.#queue.stats()
  }
}

/** The SDK also hands over spans that are recorded and not sampled: they are not exported. */
const isSampled = (span: ReadableSpan): boolean => ((span.spanContext().traceFlags ?? 0) & 1) === 1
