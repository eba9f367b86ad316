import type { ReadResult } from '../formats/read-result.ts'
import { readEach } from '../otel/in-parts.ts'
import { SpanQueue, type SpanQueueOptions } from '../otel/span-queue.ts'
import type { ExporterStats } from '../otel/stored-exports.ts'

/** What all integrations do with what their SDK tells: it waits, and is stored some time later. Nothing throws. */
export abstract class QueuedSpans<T extends object> {
  protected readonly queue: SpanQueue<T>

  constructor(read: (item: T) => ReadResult, hasEnded: (item: T) => boolean, options: SpanQueueOptions) {
    const readWanted = (items: readonly T[], isWanted: (item: T) => boolean) => readEach(items.filter(isWanted), read)
    this.queue = new SpanQueue<T>({ read: readWanted, hasEnded }, options)
  }

  /** Resolves when everything that ended before it is stored or lost. */
  forceFlush(): Promise<void> {
    return this.queue.forceFlush()
  }

  /** Stores what has ended, and closes the store if this integration was the last that opened it. Safe to call twice. */
  shutdown(): Promise<void> {
    return this.queue.shutdown()
  }

  /** What became of what was exported so far: a span that was stored as running counts twice. */
  stats(): ExporterStats {
    return this.queue.stats()
  }
}
