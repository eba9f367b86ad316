import { type MastraJudgement, type MastraSpan, readMastraJudgement, readMastraSpan } from '../formats/mastra/read.ts'
import type { SpanQueueOptions } from '../otel/span-queue.ts'
import { QueuedSpans } from './queued-spans.ts'

export type { MastraJudgement, MastraSpan } from '../formats/mastra/read.ts'

/** What Mastra tells of a span. */
export interface MastraTracingEvent {
  readonly type: 'span_started' | 'span_updated' | 'span_ended' | (string & {})
  readonly exportedSpan: MastraSpan
}

type Item =
  | { readonly kind: 'span'; readonly span: MastraSpan }
  | { readonly kind: 'score' | 'feedback'; readonly judgement: MastraJudgement }

/**
 * Stores what Mastra's observability exports: spans, and scores and feedback as results of kind `evaluation`.
 *
 * @example
 * new Mastra({
 *   observability: new Observability({
 *     configs: { default: { serviceName: 'app', exporters: [new TraceholdMastraExporter({ url, migrate: true })] } },
 *   }),
 * })
 */
export class TraceholdMastraExporter extends QueuedSpans<Item> {
  readonly name = 'tracehold'
  /** Spans that run, by their ids: every event has a copy of its own. */
  readonly #running = new Map<string, { readonly kind: 'span'; span: MastraSpan }>()

  constructor(options: SpanQueueOptions = {}) {
    super(readItem, hasEnded, options)
  }

  async exportTracingEvent({ type, exportedSpan }: MastraTracingEvent): Promise<void> {
    if (!exportedSpan) return
    const key = `${exportedSpan.traceId} ${exportedSpan.id}`
    const known = this.#running.get(key)
    const item = known ?? { kind: 'span' as const, span: exportedSpan }
    item.span = exportedSpan
    if (type === 'span_ended' || exportedSpan.isEvent) {
      this.#running.delete(key)
      this.queue.end(item)
    } else if (!known) {
      this.#running.set(key, item)
      this.queue.start(item)
    }
  }

  async onScoreEvent({ score }: { readonly score: MastraJudgement }): Promise<void> {
    this.queue.end({ kind: 'score', judgement: score })
  }

  async onFeedbackEvent({ feedback }: { readonly feedback: MastraJudgement }): Promise<void> {
    this.queue.end({ kind: 'feedback', judgement: feedback })
  }

  /** Stores a score that was made later. */
  async addScoreToTrace(score: MastraJudgement): Promise<void> {
    this.queue.end({ kind: 'score', judgement: score })
  }

  /** Resolves when everything that ended before it is stored or lost. */
  flush(): Promise<void> {
    return this.queue.forceFlush()
  }

  /** Stores what has ended, and closes the store if this exporter was the last that opened it. Safe to call twice. */
  override shutdown(): Promise<void> {
    this.#running.clear()
    return super.shutdown()
  }
}

const hasEnded = (item: Item): boolean => item.kind !== 'span' || item.span.endTime !== undefined

const readItem = (item: Item) =>
  item.kind === 'span' ? readMastraSpan(item.span) : readMastraJudgement(item.judgement, item.kind)
