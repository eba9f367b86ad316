import { BatchError, type RejectedRow } from '../errors.ts'
import type { ReadResult } from '../formats/read-result.ts'
import type { Entity } from '../rows/accepted-row.ts'
import type { EventRecord, SpanRecord } from '../rows/records.ts'
import type { Store } from '../store/store.ts'
import type { WriteResult } from '../writers/write-call.ts'
import { deleteToldSpans, untoldSpans } from './derived-spans.ts'

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
  const { writers } = store
  const { traces, spans, events, results, metrics, metricPoints, logs, derived = [] } = result
  const untold = derived.length > 0 ? await untoldSpans(store, derived, spans) : []
  const all = untold.length > 0 ? [...spans, ...untold] : spans
  const refused = await settled([
    refusalsOf('spans', writers.spans, all),
    refusalsOf('traces', writers.traces, traces),
    refusalsOf('results', writers.results, results),
    refusalsOf('metrics', writers.metrics, metrics),
    refusalsOf('metricPoints', writers.metricPoints, metricPoints),
    refusalsOf('logs', writers.logs, logs),
  ])
  const ofEvents = events.length > 0 ? await writeEvents(store, events, all, refused) : []
  await deleteToldSpans(store, all)
  return [...refused, ...ofEvents]
}

/** Stores events, but those of spans that were left out. */
async function writeEvents(
  { writers }: Store,
  events: readonly EventRecord[],
  spans: readonly SpanRecord[],
  refused: readonly RejectedRecord[],
): Promise<readonly RejectedRecord[]> {
  const lost = new Set(refused.flatMap(({ table, index }) => (table === 'spans' ? [keyOf(spans[index])] : [])))
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

const keyOf = (record: { readonly traceId: string; readonly spanId: string } | undefined) =>
  `${record?.traceId}\0${record?.spanId}`

/** Writes the records of a table; those that are refused are the answer, and no failure. */
async function refusalsOf<T extends object>(
  table: Entity,
  writer: { write(records: Iterable<T>, options: { ack: 'committed' }): Promise<WriteResult> },
  records: readonly T[],
): Promise<readonly RejectedRecord[]> {
  if (records.length === 0) return []
  try {
    // Whatever the store's own writers answer with.
    await writer.write(records, { ack: 'committed' })
    return []
  } catch (error) {
    if (error instanceof BatchError) return error.rejected.map((row) => ({ ...row, table }))
    throw error
  }
}

/** Waits for all, also where one fails: nothing goes on behind the answer. */
async function settled<T>(parts: readonly Promise<readonly T[]>[]): Promise<T[]> {
  await Promise.allSettled(parts)
  return (await Promise.all(parts)).flat()
}
