import { ContentIds } from '../formats/content-id.ts'
import { readInParts } from './in-parts.ts'
import type { ExporterOptions } from './options.ts'
import { readLogs } from './read-logs.ts'
import type { ReadableLogRecord, ResultCallback } from './sdk.ts'
import { type ExporterStats, StoredExports } from './stored-exports.ts'

/**
 * Exports log records of the OpenTelemetry JavaScript SDK into a store, as the importer reads what the SDK's OTLP
 * exporter sends. An export is answered when its rows are committed.
 */
export class TraceholdLogRecordExporter {
  readonly #exports: StoredExports
  readonly #ids = new ContentIds()

  constructor(options: ExporterOptions = {}) {
    this.#exports = new StoredExports('logs', options)
  }

  /** Stores log records, and answers when they are committed or lost. */
  export(logs: readonly ReadableLogRecord[], resultCallback: ResultCallback): void {
    this.#exports.export(
      logs.length,
      () => readInParts(logs, (part, first) => readLogs(part, first, this.#ids)),
      resultCallback,
    )
  }

  /** Resolves when every export before it is answered. */
  forceFlush(): Promise<void> {
    return this.#exports.forceFlush()
  }

  /** Ends running exports, refuses further ones, and closes the store if this exporter was the last that opened it. */
  shutdown(): Promise<void> {
    return this.#exports.shutdown()
  }

  /** What became of the log records so far. */
  stats(): ExporterStats {
    return this.#exports.stats()
  }
}
