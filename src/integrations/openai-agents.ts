import { readAgentsItem } from '../formats/openai-agents/read.ts'
import { emptyResult } from '../formats/read-result.ts'
import type { SpanQueueOptions } from '../otel/span-queue.ts'
import { QueuedSpans } from './queued-spans.ts'

/** A trace of `@openai/agents`, as much of it as is read. */
export interface AgentsTrace {
  readonly type?: string | undefined
  readonly traceId: string
  readonly name: string
  readonly groupId?: string | null | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/** A span of `@openai/agents`, as much of it as is read. */
export interface AgentsSpan {
  readonly type?: string | undefined
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string | null
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly spanData: object
  readonly error: unknown
}

/**
 * Stores traces of the OpenAI Agents SDK: a tracing processor for `addTraceProcessor` or `setTraceProcessors`.
 *
 * The SDK traces nothing where NODE_ENV is `test`. Its own exporter to OpenAI stays beside it with `addTraceProcessor`.
 *
 * @example
 * import { setTraceProcessors } from '@openai/agents'
 * import { TraceholdTracingProcessor } from 'tracehold/openai-agents'
 *
 * const processor = new TraceholdTracingProcessor({ url: process.env.DATABASE_URL, migrate: true })
 * setTraceProcessors([processor])
 * // at the end of the process
 * await processor.shutdown()
 */
export class TraceholdTracingProcessor extends QueuedSpans<AgentsTrace | AgentsSpan> {
  constructor(options: SpanQueueOptions = {}) {
    super(readItem, hasEnded, options)
  }

  async onTraceStart(trace: AgentsTrace): Promise<void> {
    this.queue.end(trace)
  }

  /** The spans of a trace tell when it ended; metadata may have come meanwhile. */
  async onTraceEnd(trace: AgentsTrace): Promise<void> {
    this.queue.end(trace)
  }

  async onSpanStart(span: AgentsSpan): Promise<void> {
    this.queue.start(span)
  }

  async onSpanEnd(span: AgentsSpan): Promise<void> {
    this.queue.end(span)
  }
}

const hasEnded = (item: AgentsTrace | AgentsSpan): boolean => !('spanId' in item) || item.endedAt !== null

function readItem(item: AgentsTrace | AgentsSpan) {
  if (!('spanId' in item)) {
    const { traceId, name, groupId, metadata } = item
    return readAgentsItem({ object: 'trace', id: traceId, workflow_name: name, group_id: groupId, metadata })
  }
  const { traceId, spanId, parentId, startedAt, endedAt, spanData, error } = item
  // A span that was never started has no place in time.
  if (startedAt === null) return emptyResult()
  return readAgentsItem({
    object: 'trace.span',
    id: spanId,
    trace_id: traceId,
    parent_id: parentId,
    started_at: startedAt,
    ended_at: endedAt,
    span_data: spanData,
    error,
  })
}
