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
   * What was read by then is still stored, and the call fails with the signal's reason.
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

/** A call that takes its records one after the other. */
export interface Admission<Input, Call = { readonly settled: Promise<WriteResult> }> {
  /** Checks a record and has its row wait for a batch; the promise is there where the next record has to wait. */
  take(record: Input): Promise<void> | undefined
  /** What the rows of this call take, in bytes. */
  readonly bytes: number
  /** No more records will come: the call tells by `settled` when they are stored. */
  end(): Call
}

/** Chunks of a lane that wait or are being stored: one is prepared while the server works on the other. */
const chunksPerLane = 2
const listedRejections = 1_000

/** Records that are stored by one call. */
interface Chunk<Input> {
  readonly admission: Admission<Input>
  /** The place of each record in the iterable. */
  readonly places: number[]
}

/**
 * Writes records of an iterable of any length in constant memory, through several lanes: those of a trace through the
 * same one.
 *
 * @param lanes begins a call of each
 * @param most records of a call, and bytes of its rows from which on it is full: a batch holds as many
 * @throws StorageError when the database stays away; the signal's reason when it is aborted; what the source or
 *   `onProgress` throws
 */
export async function writeBulk<Input extends object>(
  records: Iterable<Input> | AsyncIterable<Input>,
  lanes: readonly (() => Admission<Input>)[],
  most: { readonly rows: number; readonly bytes: number },
  { signal, onProgress }: BulkOptions,
): Promise<BulkResult> {
  const result = { read: 0, stored: 0, deduplicated: 0, rejected: 0, rejections: [] as RejectedRow[] }
  const chunks = lanes.map((): Chunk<Input> | undefined => undefined)
  const running = lanes.map(() => new Set<Promise<void>>())
  // Smaller at first, and each lane's different: the server has work soon, and not all lanes at the same moments.
  const sizes = lanes.map((_, lane) => Math.ceil((most.rows * (lane + 1)) / (lanes.length + 1)))
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
  /** Ends a lane's chunk, when its last record is taken, and waits while the lane has enough to do. */
  const send = async (lane: number, taken?: Promise<void>) => {
    await taken
    const { admission, places } = chunks[lane] as Chunk<Input>
    chunks[lane] = undefined
    const inFlight = running[lane] as Set<Promise<void>>
    const sent: Promise<void> = settle(admission.end().settled, places).finally(() => inFlight.delete(sent))
    inFlight.add(sent)
    if (inFlight.size >= chunksPerLane) await Promise.race(inFlight)
  }
  const take = (record: Input): Promise<void> | undefined => {
    const lane = (laneOf(record) ?? Math.floor(result.read / most.rows)) % lanes.length
    const chunk = chunks[lane] ?? { admission: (lanes[lane] as (typeof lanes)[number])(), places: [] }
    chunks[lane] = chunk
    chunk.places.push(result.read)
    result.read += 1
    const taken = chunk.admission.take(record)
    if (chunk.places.length < (sizes[lane] as number) && chunk.admission.bytes < most.bytes) return taken
    sizes[lane] = most.rows
    return send(lane, taken)
  }

  const read = async () => {
    if (Symbol.asyncIterator in records) {
      for await (const record of readUntil(records, over.signal)) {
        const taken = take(record)
        if (taken) await taken
      }
    } else {
      for (const record of records) {
        if (over.signal.aborted) break
        const taken = take(record)
        // Not each time: it would cost more than the record.
        if (taken) await taken
      }
    }
  }

  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop)
  try {
    await read()
  } finally {
    signal?.removeEventListener('abort', stop)
    // However it ends, nothing is on its way afterwards.
    await Promise.all(chunks.map((chunk, lane) => chunk && send(lane)))
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
    // Also of what is no record: that is for the checks to say, of this row alone.
    const id = (record as Record<string, unknown> | null)?.[key]
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
