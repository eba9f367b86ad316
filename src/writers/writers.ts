import type { Pool } from '../pool/pool.ts'
import { BatchWriter } from './batch-writer.ts'
import type { WriterOptions } from './options.ts'
import type { NewEvent, NewSpan, NewTrace } from './records.ts'
import { createSink } from './sinks/create-sink.ts'
import { completeSpan } from './span-rows.ts'
import { withAuthored } from './trace-rows.ts'

/** Options of a writer that is built on its own. */
export interface ScopedWriterOptions extends WriterOptions {
  /** The tenant that every row belongs to. @default 'default' */
  projectId?: string | undefined
}

const scope = (pool: Pool, { projectId = 'default', method }: ScopedWriterOptions) => ({
  projectId,
  sink: createSink(pool, method),
})

/**
 * Saves traces themselves: what their author knows beyond the spans (tags, metadata, totals the source reported), or
 * runs that have no spans at all.
 */
export class TraceWriter extends BatchWriter<NewTrace> {
  constructor(pool: Pool, options: ScopedWriterOptions = {}) {
    const counts = { spanCount: 0, errorCount: 0, llmCallCount: 0, toolCallCount: 0, stepCount: 0, stepsDurationMs: 0 }
    const defaults = (stamp: unknown) => ({
      ...counts,
      status: 'unset',
      startTime: stamp,
      createdAt: stamp,
      updatedAt: stamp,
    })
    super({ entity: 'traces', ...scope(pool, options), defaults, finish: withAuthored }, options)
  }
}

/** Writes spans. The traces that they belong to come into being and follow them by themselves. */
export class SpanWriter extends BatchWriter<NewSpan> {
  constructor(pool: Pool, options: ScopedWriterOptions = {}) {
    const defaults = () => ({ kind: 'other', status: 'unset', attributes: {} })
    super({ entity: 'spans', ...scope(pool, options), defaults, finish: completeSpan }, options)
  }
}

/** Writes events of spans, before or after the spans themselves. */
export class EventWriter extends BatchWriter<NewEvent> {
  constructor(pool: Pool, options: ScopedWriterOptions = {}) {
    super({ entity: 'events', ...scope(pool, options), defaults: () => ({ attributes: {} }) }, options)
  }
}
