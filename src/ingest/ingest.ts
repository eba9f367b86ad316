import { BatchError, type RejectedRow } from '../errors.ts'
import type { ReadResult } from '../formats/read-result.ts'
import type { Entity } from '../rows/accepted-row.ts'
import type { EventRecord, SpanRecord } from '../rows/records.ts'
import type { Store } from '../store/store.ts'
import type { WriteResult } from '../writers/write-call.ts'
import { deleteToldSpans, mayBeToldTwice, untoldSpans } from './derived-spans.ts'

/** A record that was not stored, and why; its index is its place among those of its table. */
export interface RejectedRecord extends RejectedRow {
  readonly table: Entity
}

/**
 * Stores what one request of a live source holds, in the batches that the store's writers form of all requests. It
 * resolves when everything is committed, and answers with the records that were refused; all others are stored.
 *
 * @throws StorageError when the database was unreachable. The same request may be sent again: nothing is stored twice
 */
export async function ingest(store: Store, result: ReadResult): Promise<readonly RejectedRecord[]> {
  const { spans, derived = [] } = result
  const untold = derived.length > 0 ? await untoldSpans(store, derived, spans) : []
  return committed(store, begun(store, result, untold.length > 0 ? [...spans, ...untold] : spans))
}

/** What is waited for, and what is needed after it. */
interface Begun {
  readonly writes: readonly Promise<readonly RejectedRecord[]>[]
  readonly events: readonly EventRecord[]
  /** The keys of all spans, where events depend on them. */
  readonly spanKeys: readonly string[]
  /** The spans whose calls other signals may tell too. */
  readonly told: readonly SpanRecord[]
}

/**
 * Hands the records to the writers. Nothing of it holds them afterwards: the writers have rows of their own, and records
 * that stay while the database works make the collector's work twice as long.
 */
function begun({ writers }: Store, result: ReadResult, spans: readonly SpanRecord[]): Begun {
  const { traces, events, results, metrics, metricPoints, logs } = result
  const writes = [
    refusalsOf('spans', writers.spans, spans),
    refusalsOf('traces', writers.traces, traces),
    refusalsOf('results', writers.results, results),
    refusalsOf('metrics', writers.metrics, metrics),
    refusalsOf('metricPoints', writers.metricPoints, metricPoints),
    refusalsOf('logs', writers.logs, logs),
  ]
  const spanKeys = events.length > 0 ? spans.map(keyOf) : []
  return { writes, events, spanKeys, told: spans.filter(mayBeToldTwice) }
}

async function committed(store: Store, { writes, events, spanKeys, told }: Begun): Promise<readonly RejectedRecord[]> {
  const refused = await settled(writes)
  const ofEvents = events.length > 0 ? await writeEvents(store, events, spanKeys, refused) : []
  await deleteToldSpans(store, told)
  return [...refused, ...ofEvents]
}

/** Stores events, but those of spans that were left out. */
async function writeEvents(
  { writers }: Store,
  events: readonly EventRecord[],
  spanKeys: readonly string[],
  refused: readonly RejectedRecord[],
): Promise<readonly RejectedRecord[]> {
  const lost = new Set(refused.flatMap(({ table, index }) => (table === 'spans' ? [spanKeys[index]] : [])))
  if (lost.size === 0) return refusalsOf('events', writers.events, events)
  const places = events.flatMap((event, index) => (lost.has(keyOf(event)) ? [] : [index]))
  const kept = places.map((index) => events[index] as EventRecord)
  const ofKept = await refusalsOf('events', writers.events, kept)
  return [
    ...events.flatMap((event, index) =>
      lost.has(keyOf(event))
        ? [{ table: 'events', index, code: 'validation', message: 'belongs to a span that was left out' } as const]
        : [],
    ),
    ...ofKept.map((row) => ({ ...row, index: places[row.index] ?? row.index })),
  ]
}

const keyOf = ({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }) => `${traceId}\0${spanId}`

/** Writes the records of a table; those that are refused are the answer, and no failure. */
function refusalsOf<T extends object>(
  table: Entity,
  writer: { write(records: Iterable<T>, options: { ack: 'committed' }): Promise<WriteResult> },
  records: readonly T[],
): Promise<readonly RejectedRecord[]> {
  if (records.length === 0) return Promise.resolve([])
  // Committed, whatever the store's own writers answer with.
  return writer.write(records, { ack: 'committed' }).then(
    () => [],
    (error: unknown) => {
      if (error instanceof BatchError) return error.rejected.map((row) => ({ ...row, table }))
      throw error
    },
  )
}

/** Waits for all, also where one fails: nothing goes on behind the answer. */
async function settled<T>(parts: readonly Promise<readonly T[]>[]): Promise<T[]> {
  await Promise.allSettled(parts)
  return (await Promise.all(parts)).flat()
}
