import { BatchError, type RejectedRow } from '../errors.ts'
import { readUntil } from './read-until.ts'
import type { WriteResult } from './write-call.ts'

/** How a bulk write goes about it. */
export interface BulkOptions {
  /**
   * Connections that write at once. The rows of a trace always take the same one, so that they do not wait for each
   * other. SQLite has one writer and uses one. @default 2
   */
  connections?: number | undefined
  /**
   * Ends the reading, at once, also where the source has nothing to give at the moment: its iterator's `return` is called.
   * Batches on their way are still stored; records that were read and wait for theirs are not. Then the call fails with
   * the signal's reason.
   */
  signal?: AbortSignal | undefined
  /** Hears of every batch that is done. What it throws ends the call, as an abort does. */
  onProgress?: ((progress: BulkResult) => void) | undefined
}

/** What became of the records of a bulk write. */
export interface BulkResult extends WriteResult {
  /** Records taken from the iterable. */
  readonly read: number
  /** Records that could not be stored. */
  readonly rejected: number
  /** The first thousand of them, by their place in the iterable. */
  readonly rejections: readonly RejectedRow[]
}

/**
 * One connection's share: takes a chunk of records, all of which it stores or names. It resolves when they wait for
 * their batch, and tells by `settled` when they are stored.
 */
export type Lane<Input> = (records: Input[]) => Promise<{ readonly settled: Promise<WriteResult> }>

/** Chunks of a lane that wait or are being stored: one is prepared while the server works on the other. */
const chunksPerLane = 2
const listedRejections = 1_000

interface Chunk<Input> {
  readonly records: Input[]
  /** The place of each record in the iterable. */
  readonly places: number[]
}

/**
 * Writes records of an iterable of any length in constant memory, through several lanes: those of a trace through the
 * same one.
 *
 * @param chunkRows records that a lane gets at once
 * @throws StorageError when the database stays away; the signal's reason when it is aborted; what the source or
 *   `onProgress` throws
 */
export async function writeBulk<Input extends object>(
  records: Iterable<Input> | AsyncIterable<Input>,
  lanes: readonly Lane<Input>[],
  chunkRows: number,
  { signal, onProgress }: BulkOptions,
): Promise<BulkResult> {
  const result = { read: 0, stored: 0, deduplicated: 0, rejected: 0, rejections: [] as RejectedRow[] }
  const chunks = lanes.map((): Chunk<Input> => ({ records: [], places: [] }))
  const running = lanes.map(() => new Set<Promise<void>>())
  /** Aborted when nothing more is to be read: by the caller, or since something failed. */
  const over = new AbortController()
  const stop = () => over.abort()
  const failures: unknown[] = []

  const count = (outcome: WriteResult | BatchError, places: readonly number[]) => {
    result.stored += outcome.stored
    if (!(outcome instanceof BatchError)) {
      result.deduplicated += outcome.deduplicated
      return
    }
    result.rejected += outcome.rejected.length
    const listed = outcome.rejected.slice(0, listedRejections - result.rejections.length)
    result.rejections.push(...listed.map((row) => ({ ...row, index: places[row.index] ?? row.index })))
  }
  const settle = async (settled: Promise<WriteResult>, places: readonly number[]) => {
    try {
      count(await settled.catch(rejectedRows), places)
      await onProgress?.({ ...result })
    } catch (error) {
      failures.push(error)
      stop()
    }
  }
  /** Has a lane take its chunk; the records themselves are not held any longer than that. */
  const admit = async (lane: number) => {
    const { records: rows, places } = chunks[lane] as Chunk<Input>
    chunks[lane] = { records: [], places: [] }
    const { settled } = await (lanes[lane] as Lane<Input>)(rows)
    return { settled, places }
  }
  const send = async (lane: number) => {
    const inFlight = running[lane] as Set<Promise<void>>
    // One chunk after the other: two at once would share their batches, and end together.
    const { settled, places } = await admit(lane)
    const sent: Promise<void> = settle(settled, places).finally(() => inFlight.delete(sent))
    inFlight.add(sent)
    if (inFlight.size >= chunksPerLane) await Promise.race(inFlight)
  }
  const add = (record: Input): Promise<void> | undefined => {
    const lane = (laneOf(record) ?? Math.floor(result.read / chunkRows)) % lanes.length
    const chunk = chunks[lane] as Chunk<Input>
    chunk.records.push(record)
    chunk.places.push(result.read)
    result.read += 1
    return chunk.records.length < chunkRows ? undefined : send(lane)
  }

  const read = async () => {
    if (Symbol.asyncIterator in records) {
      for await (const record of readUntil(records, over.signal)) {
        const sent = add(record)
        if (sent) await sent
      }
    } else {
      for (const record of records) {
        if (over.signal.aborted) break
        const sent = add(record)
        // Awaiting each record would keep the event loop for a chunk at a time.
        if (sent) await sent
      }
    }
    for (const [lane, { records: rest }] of chunks.entries()) {
      if (!over.signal.aborted && rest.length > 0) await send(lane)
    }
  }

  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop)
  try {
    await read()
  } finally {
    signal?.removeEventListener('abort', stop)
    // However it ends, nothing is on its way afterwards.
    await Promise.all(running.flatMap((inFlight) => [...inFlight]))
  }
  if (failures.length > 0) throw failures[0]
  signal?.throwIfAborted()
  return result
}

/** Rows that could not be stored are told of, and end nothing. */
function rejectedRows(error: unknown): BatchError {
  if (error instanceof BatchError) return error
  throw error
}

/** Ids that decide a record's lane: its own where it has one, else its trace's, whose rows wait for each other. */
const laneKeys = ['logId', 'pointId', 'resultId', 'traceId']

/** A number from what must stay in one lane; records that nothing binds have none, and take turns, a chunk at a time. */
function laneOf(record: object): number | undefined {
  for (const key of laneKeys) {
    const id = (record as Record<string, unknown>)[key]
    if (typeof id === 'string') return hash(id)
  }
  return undefined
}

/** A small number from an id, spread evenly (FNV-1a). */
function hash(id: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < id.length; i += 1) value = Math.imul(value ^ id.charCodeAt(i), 0x01000193)
  return value >>> 0
}
