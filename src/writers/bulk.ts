import { setImmediate } from 'node:timers/promises'
import { BatchError, type RejectedRow } from '../errors.ts'
import { readUntil } from './read-until.ts'
import type { WriteResult } from './write-call.ts'

/** Options of a bulk write. */
export interface BulkOptions {
  /**
   * Connections that write at the same time. The rows of a trace always use the same one, so that they do not block
   * each other. SQLite uses one. @default 2
   */
  connections?: number | undefined
  /**
   * Stops reading at once, also while the source is idle: its iterator's `return` is called. What was read is still
   * stored, and the call fails with the signal's reason.
   */
  signal?: AbortSignal | undefined
  /** Called after every batch. What it throws ends the call, like an abort. */
  onProgress?: ((progress: BulkResult) => void) | undefined
}

/** The outcome of a bulk write. */
export interface BulkResult extends WriteResult {
  /** Records taken from the iterable. */
  readonly read: number
  /** Records that could not be stored. */
  readonly rejected: number
  /** The first thousand of them, by their index in the iterable. */
  readonly rejections: readonly RejectedRow[]
}

/** A call that takes its records one after the other. */
export interface Admission<Input, Call = { readonly settled: Promise<WriteResult> }> {
  /** Checks a record and queues its row. Returns a promise if the next record must wait for it. */
  take(record: Input): Promise<void> | undefined
  /** Estimated bytes of this call's rows. */
  readonly bytes: number
  /** Ends the call, whose `settled` resolves when all rows are stored. */
  end(): Call
}

/** Chunks of a lane in flight: one is prepared while the server stores the other. */
const chunksPerLane = 2
const listedRejections = 1_000
/** How many records are checked and encoded before others of the event loop have their turn: some milliseconds. */
const recordsPerTurn = 256

/** Records that are stored by one call. */
interface Chunk<Input> {
  readonly admission: Admission<Input>
  /** The index of each record in the iterable. */
  readonly indexes: number[]
}

/**
 * Writes records of an iterable of any length in constant memory, over several lanes. All records of a trace use the
 * same lane.
 *
 * @param lanes each begins a call of its lane
 * @param most the size at which a call is full: records, or bytes of rows. A batch holds as many
 * @throws StorageError when the database is unreachable; the signal's reason when it is aborted; what the source or
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
  // Smaller at first and different per lane: the server has work soon, and the lanes do not finish together.
  const sizes = lanes.map((_, lane) => Math.ceil((most.rows * (lane + 1)) / (lanes.length + 1)))
  /** Stops the reading: the caller aborted, or something failed. */
  const over = new AbortController()
  const stop = () => over.abort()
  const failures: unknown[] = []

  const count = (outcome: WriteResult | BatchError, indexes: readonly number[]) => {
    result.stored += outcome.stored
    if (!(outcome instanceof BatchError)) {
      result.deduplicated += outcome.deduplicated
      return
    }
    result.rejected += outcome.rejected.length
    const listed = outcome.rejected.slice(0, listedRejections - result.rejections.length)
    result.rejections.push(...listed.map((row) => ({ ...row, index: indexes[row.index] ?? row.index })))
  }
  const settle = async (settled: Promise<WriteResult>, indexes: readonly number[]) => {
    try {
      count(await settled.catch(rejectedRows), indexes)
      await onProgress?.({ ...result })
    } catch (error) {
      failures.push(error)
      stop()
    }
  }
  /** Ends a lane's chunk once its last record is taken, and waits while the lane is busy. */
  const send = async (lane: number, taken?: Promise<void>) => {
    await taken
    const { admission, indexes } = chunks[lane] as Chunk<Input>
    chunks[lane] = undefined
    const inFlight = running[lane] as Set<Promise<void>>
    const sent: Promise<void> = settle(admission.end().settled, indexes).finally(() => inFlight.delete(sent))
    inFlight.add(sent)
    if (inFlight.size >= chunksPerLane) await Promise.race(inFlight)
  }
  const take = (record: Input): Promise<void> | undefined => {
    const lane = (laneOf(record) ?? Math.floor(result.read / most.rows)) % lanes.length
    const chunk = chunks[lane] ?? { admission: (lanes[lane] as (typeof lanes)[number])(), indexes: [] }
    chunks[lane] = chunk
    chunk.indexes.push(result.read)
    result.read += 1
    const taken = chunk.admission.take(record)
    if (chunk.indexes.length < (sizes[lane] as number) && chunk.admission.bytes < most.bytes) return taken
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
        // Awaiting every record would cost more than the record.
        if (taken) await taken
        // What is on its way to the server goes on, and so does the rest of this process.
        else if (result.read % recordsPerTurn === 0) await setImmediate()
      }
    }
  }

  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop)
  try {
    await read()
  } finally {
    signal?.removeEventListener('abort', stop)
    // However it ends, nothing is in flight afterwards.
    await Promise.all(chunks.map((chunk, lane) => chunk && send(lane)))
    await Promise.all(running.flatMap((inFlight) => [...inFlight]))
  }
  if (failures.length > 0) throw failures[0]
  signal?.throwIfAborted()
  return result
}

/** Rejected rows are counted and do not end the write. */
function rejectedRows(error: unknown): BatchError {
  if (error instanceof BatchError) return error
  throw error
}

/** Ids that decide a record's lane: its own, else its trace's, whose rows block each other. */
const laneKeys = ['logId', 'pointId', 'resultId', 'traceId']

/** A number from the id that decides the lane; undefined for records that may use any. */
function laneOf(record: object): number | undefined {
  for (const key of laneKeys) {
    // The value may be no record at all: the checks refuse it later.
    try {
      const id = (record as Record<string, unknown> | null)?.[key]
      if (typeof id === 'string') return hash(id)
    } catch {
      return undefined
    }
  }
  return undefined
}

/** A small number from an id, spread evenly (FNV-1a). */
function hash(id: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < id.length; i += 1) value = Math.imul(value ^ id.charCodeAt(i), 0x01000193)
  return value >>> 0
}
