import type { ReadResult } from '../formats/read-result.ts'
import type { Writers } from '../store.ts'
import type { NewEvent, NewSpan, NewTrace } from '../writers/records.ts'
import type { ImportRejection } from './import-report.ts'
import { LinedRecords, type RefusedRecord } from './lined-records.ts'

/** What became of a chunk. */
export interface ChunkOutcome {
  readonly traces: readonly NewTrace[]
  readonly spans: readonly NewSpan[]
  readonly events: readonly NewEvent[]
  readonly rejections: readonly ImportRejection[]
}

/** The records of some documents, which are written together. */
export class Chunk {
  readonly #traces = new LinedRecords<NewTrace>()
  readonly #spans = new LinedRecords<NewSpan>()
  readonly #events = new LinedRecords<NewEvent>()

  /** Records in it. */
  get size(): number {
    return this.#traces.size + this.#spans.size + this.#events.size
  }

  add({ traces, spans, events }: ReadResult, line: number): void {
    this.#traces.add(traces, line)
    this.#spans.add(spans, line)
    this.#events.add(events, line)
  }

  /**
   * Stores every record that can be stored.
   *
   * @throws StorageError when the database stayed away
   */
  async write(writers: Writers): Promise<ChunkOutcome> {
    const [refusedTraces, refusedSpans] = await Promise.all([
      this.#traces.write(writers.traces),
      this.#spans.write(writers.spans),
    ])
    const lost = new Set(refusedSpans.map(({ record }) => spanKey(record)))
    const refusedEvents = [
      ...this.#events.refuse((event) => lost.has(spanKey(event)), 'belongs to a span that was left out'),
      ...(await this.#events.write(writers.events)),
    ]
    return {
      traces: this.#traces.records,
      spans: this.#spans.records,
      events: this.#events.records,
      rejections: [
        ...refusedTraces.map((refused) => rejection(`trace ${refused.record.traceId}`, refused)),
        ...refusedSpans.map((refused) => rejection(`span ${refused.record.spanId}`, refused)),
        ...refusedEvents.map((refused) =>
          rejection(`event ${refused.record.ordinal} of span ${refused.record.spanId}`, refused),
        ),
      ],
    }
  }
}

const spanKey = ({ traceId, spanId }: NewSpan | NewEvent) => `${traceId}\0${spanId}`

function rejection(what: string, { line, message }: RefusedRecord<object>): ImportRejection {
  return { line, message: `${what}: ${message}` }
}
