import { ClaudeRun, type ClaudeRunOptions, claudeAgentScope } from '../formats/claude-agent-sdk/claude-run.ts'
import { addGenAiSpan, type GenAiSpan } from '../formats/gen-ai-span.ts'
import { emptyResult, type ReadResult } from '../formats/read-result.ts'
import type { SpanQueueOptions } from '../otel/span-queue.ts'
import { QueuedSpans } from './queued-spans.ts'

export type { ClaudeRunOptions } from '../formats/claude-agent-sdk/claude-run.ts'

/** A span that may still be told otherwise. */
interface Item {
  span: GenAiSpan
}

function readItem({ span }: Item): ReadResult {
  const result = emptyResult()
  addGenAiSpan(result, span, claudeAgentScope)
  return result
}

/**
 * Stores runs of the Claude Agent SDK, made of the messages that `query()` streams: the agent with its cost, each model
 * call, each tool, and sub-agents inside the tool that started them.
 *
 * @example
 * const tracer = new TraceholdClaudeTracer({ url: process.env.DATABASE_URL, migrate: true })
 * for await (const message of tracer.trace(query({ prompt }), { prompt })) console.log(message)
 * await tracer.shutdown()
 */
export class TraceholdClaudeTracer extends QueuedSpans<Item> {
  constructor(options: SpanQueueOptions = {}) {
    super(readItem, ({ span }) => span.endMicros !== null, options)
  }

  /** The same messages; what they tell is stored. A run that is left before its result is stored as an error. */
  async *trace<Message>(
    messages: AsyncIterable<Message>,
    options: ClaudeRunOptions = {},
  ): AsyncGenerator<Message, void> {
    const run = new ClaudeRun(options, nowMicros())
    const root: Item = { span: run.running() }
    this.queue.start(root)
    const ended = (spans: readonly GenAiSpan[]) => {
      for (const span of spans) {
        if (span.parentSpanId === null) root.span = span
        this.queue.end(span.parentSpanId === null ? root : { span })
      }
    }
    let failure: unknown
    try {
      for await (const message of messages) {
        ended(run.on(message, nowMicros()))
        yield message
      }
    } catch (error) {
      failure = error
      throw error
    } finally {
      ended(run.end(nowMicros(), failure))
    }
  }
}

const nowMicros = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000)
