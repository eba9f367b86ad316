import { readInParts } from './in-parts.ts'
import type { ExporterOptions } from './options.ts'
import { readSpans } from './read-spans.ts'
import type { ReadableSpan, ResultCallback } from './sdk.ts'
import { type ExporterStats, StoredExports } from './stored-exports.ts'

/**
 * Exports spans of the OpenTelemetry JavaScript SDK into a store, as the importer reads what the SDK's OTLP exporter
 * sends. An export is answered when its rows are committed.
 *
 * @example
 * const sdk = new NodeSDK({ traceExporter: new TraceholdSpanExporter({ url: process.env.DATABASE_URL, migrate: true }) })
 * sdk.start()
 */
export class TraceholdSpanExporter {
  readonly #exports: StoredExports

  constructor(options: ExporterOptions = {}) {
    this.#exports = new StoredExports('spans', options)
  }

  /** Stores ended spans, and answers when they are committed or lost. */
  export(spans: readonly ReadableSpan[], resultCallback: ResultCallback): void {
    this.#exports.export(spans.length, () => readInParts(spans, readSpans), resultCallback)
  }

  /** Resolves when every export before it is answered. */
  forceFlush(): Promise<void> {
    return this.#exports.forceFlush()
  }

  /** Ends running exports, refuses further ones, and closes the store if this exporter was the last that opened it. */
  shutdown(): Promise<void> {
    return this.#exports.shutdown()
  }

  /** What became of the spans so far. */
  stats(): ExporterStats {
    return this.#exports.stats()
  }
}
