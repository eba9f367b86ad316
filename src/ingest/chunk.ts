import { BatchError } from '../errors.ts'
import type { ReadResult, ReadRun } from '../formats/read-result.ts'
import { type DocumentFormat, sourceOf } from '../formats/stored-document.ts'
import { wholeTrace } from '../rows/authored.ts'
import type { EventRecord, SpanRecord, TraceRecord } from '../rows/records.ts'
import type { Store } from '../store/store.ts'
import { shortId } from '../text/short-id.ts'
import type { RunWriter } from '../writers/run-writer.ts'
import { deleteToldSpans, mayBeToldTwice, untoldSpans } from './derived-spans.ts'
import { deleteDocumentSpans, hasOtherSource, savedSources } from './duplicate-sources.ts'
import { NumberedRecords, type RefusedRecord } from './numbered-records.ts'
import type { ImportRejection } from './rejection.ts'
import { type StandaloneOutcome, StandaloneRecords } from './standalone-records.ts'

/** What became of a chunk. */
export interface ChunkOutcome {
  readonly traces: readonly TraceRecord[]
  readonly spans: readonly SpanRecord[]
  readonly events: readonly EventRecord[]
  readonly plain: Omit<StandaloneOutcome, 'rejections'>
  readonly rejections: readonly ImportRejection[]
}

/** The records of some documents, which are written together. */
export class Chunk {
  readonly #traces = new NumberedRecords<TraceRecord>()
  readonly #spans = new NumberedRecords<SpanRecord>()
  readonly #derived = new NumberedRecords<SpanRecord>()
  readonly #events = new NumberedRecords<EventRecord>()
  readonly #runs = new NumberedRecords<ReadRun>()
  readonly #plain = new StandaloneRecords()
  /** Ids of its traces and results. The ids of points and logs come from their content. */
  readonly #ids = new Set<string>()

  /** Records in it. */
  get size(): number {
    const ofTraces = this.#traces.size + this.#spans.size + this.#events.size + this.#derived.size
    return ofTraces + this.#runs.size * recordsOfRun + this.#plain.size
  }

  add(result: ReadResult, line: number): void {
    const { traces, spans, events, results, runs = [], derived = [] } = result
    // What a source says of a trace is all of it.
    this.#traces.add(traces.map(wholeTrace), line)
    this.#spans.add(spans, line)
    this.#derived.add(derived, line)
    this.#events.add(events, line)
    this.#runs.add(runs, line)
    this.#plain.add(result, line)
    for (const span of [...derived, ...spans]) {
      // Each must see which calls of the session the other told.
      if (mayBeToldTwice(span)) this.#ids.add(`session ${span.sessionId}`)
    }
    for (const { traceId } of [...traces, ...spans, ...derived, ...runs.map(({ run }) => run.trace)])
      this.#ids.add(traceId)
    for (const { resultId } of results) if (resultId !== undefined) this.#ids.add(resultId)
  }

  /** Whether both have records of the same trace or result: then one must see what the other stored. */
  isBoundTo(other: Chunk): boolean {
    for (const id of this.#ids) if (other.#ids.has(id)) return true
    return false
  }

  /**
   * Stores every record that can be stored.
   *
   * @param merge whether a run of two sources is stored once, instead of being refused the second time
   * @throws StorageError when the database is unreachable
   */
  async write(store: Store, merge: boolean): Promise<ChunkOutcome> {
    const { writers } = store
    const refusedRuns = await saveRuns(writers.runs, this.#runs, merge ? 'merge' : 'refuse')
    const sources = await savedSources(store, this.#spans.records)
    const repeated = merge ? [] : this.#spans.refuse((span) => hasOtherSource(span, sources), fromDocument)
    const untold = new Set(await untoldSpans(store, this.#derived.records, this.#spans.records))
    this.#derived.refuse((span) => !untold.has(span), '')
    const [refusedTraces, refusedSpans, refusedDerived] = await Promise.all([
      this.#traces.write(writers.traces),
      this.#spans.write(writers.spans),
      this.#derived.write(writers.spans),
    ])
    await deleteToldSpans(store, [...this.#spans.records, ...this.#derived.records])
    // After the write: a span that the writer refuses replaces nothing.
    if (merge) await deleteDocumentSpans(writers.runs, this.#spans.records, sources)
    const lost = new Set([...repeated, ...refusedSpans].map(({ record }) => spanKey(record)))
    const runs = this.#runs.records.map(({ run }) => run)
    const refusedEvents = [
      ...this.#events.refuse((event) => lost.has(spanKey(event)), 'belongs to a span that was left out'),
      ...(await this.#events.write(writers.events)),
    ]
    const { rejections: refusedPlain, ...plain } = await this.#plain.write(writers)
    return {
      traces: [...this.#traces.records, ...runs.map(({ trace }) => trace)],
      spans: [...this.#spans.records, ...runs.flatMap(({ spans }) => spans)],
      events: this.#events.records,
      plain,
      rejections: [
        ...refusedRuns.map((refused) => rejection(`trace ${shortId(refused.record.run.trace.traceId)}`, refused)),
        ...firstOfEachTrace(repeated).map((refused) => rejection(`trace ${shortId(refused.record.traceId)}`, refused)),
        ...refusedTraces.map((refused) => rejection(`trace ${shortId(refused.record.traceId)}`, refused)),
        ...[...refusedSpans, ...refusedDerived].map((refused) =>
          rejection(`span ${shortId(refused.record.spanId)}`, refused),
        ),
        ...refusedEvents.map((refused) =>
          rejection(`event ${refused.record.ordinal} of span ${shortId(refused.record.spanId)}`, refused),
        ),
        ...refusedPlain,
      ],
    }
  }
}

/** A run counts as this many records, so that a chunk of runs is not too large. */
const recordsOfRun = 20

const fromDocument = 'came from a saved document already, and its sums would count twice (merge keeps it once)'

/** A refused trace is one message, not one per span. */
function firstOfEachTrace<T extends { record: { traceId: string } }>(refused: readonly T[]): T[] {
  return [...new Map(refused.map((each) => [each.record.traceId, each])).values()]
}

const spanKey = ({ traceId, spanId }: SpanRecord | EventRecord) => `${traceId}\0${spanId}`

function rejection(what: string, { line, message }: RefusedRecord<object>): ImportRejection {
  return { line, message: `${what}: ${message}` }
}

/**
 * Saves the runs of a chunk, and removes those that are refused.
 *
 * @throws StorageError when the database is unreachable
 */
async function saveRuns(
  writer: RunWriter,
  runs: NumberedRecords<ReadRun>,
  onOtherSource: 'merge' | 'refuse',
): Promise<RefusedRecord<ReadRun>[]> {
  const messages = new Map<ReadRun, string>()
  for (const format of ['selectools', 'agentprobe'] satisfies DocumentFormat[]) {
    const some = runs.records.filter((each) => each.format === format)
    if (some.length === 0) continue
    try {
      await writer.save(
        some.map(({ run }) => run),
        { source: sourceOf(format), onOtherSource },
      )
    } catch (error) {
      if (!(error instanceof BatchError)) throw error
      for (const { index, message } of error.rejected) {
        const refused = some[index]
        if (refused) messages.set(refused, message.replace(/^trace \S+ /, ''))
      }
    }
  }
  if (messages.size === 0) return []
  const refused = runs.refuse((run) => messages.has(run), '')
  return refused.map((each) => ({ ...each, message: messages.get(each.record) ?? '' }))
}
