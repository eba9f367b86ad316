import type { PreparedRow } from '../engines/sink.ts'
import type { WriteCall } from './write-call.ts'

/** A row that waits for its batch, and the call that waits for the row. */
export interface Waiting {
  readonly row: PreparedRow
  /** When the row was accepted. */
  readonly stamp: string
  readonly call: WriteCall
  /** The row's index in the call. */
  readonly index: number
}

/** Rows in order of acceptance, and how many of them are urgent. */
export class RowQueue {
  #rows: Waiting[] = []
  #bytes = 0
  #urgent = 0

  get length(): number {
    return this.#rows.length
  }

  /** Estimated bytes of heap. */
  get bytes(): number {
    return this.#bytes
  }

  /** Rows that must not wait for a full batch. */
  get urgent(): number {
    return this.#urgent
  }

  push(waiting: Waiting): void {
    this.#rows.push(waiting)
    this.#bytes += waiting.row.bytes
  }

  /** Marks all rows in the queue as urgent. */
  hurry(): void {
    this.#urgent = this.#rows.length
  }

  /** Removes rows from the head: at most `mostRows`, and no more once they have `mostBytes`. */
  take(mostRows: number, mostBytes: number): Waiting[] {
    let size = 0
    let bytes = 0
    for (const { row } of this.#rows) {
      if (size === mostRows || bytes >= mostBytes) break
      bytes += row.bytes
      size += 1
    }
    this.#bytes -= bytes
    this.#urgent = Math.max(0, this.#urgent - size)
    return this.#rows.splice(0, size)
  }
}

/** A batch with one row per key, and the rows that it replaces. */
export interface Taken {
  readonly batch: readonly Waiting[]
  readonly repeats: readonly Waiting[]
}

/**
 * Keeps the newest row per key: the highest stamp, and of equal stamps the last. A statement cannot store a key twice,
 * and a row of a long call may follow one that was accepted later.
 */
export function lastOfEachKey(rows: readonly Waiting[]): Taken {
  // Most batches repeat no key, and a set finds that out in half the time.
  if (new Set(rows.map(({ row }) => row.key)).size === rows.length) return { batch: rows, repeats: [] }
  const repeats: Waiting[] = []
  const last = new Map<string, Waiting>()
  for (const waiting of rows) {
    const { key } = waiting.row
    const earlier = last.get(key)
    if (earlier && earlier.stamp > waiting.stamp) {
      repeats.push(waiting)
      continue
    }
    if (earlier) repeats.push(earlier)
    last.set(key, waiting)
  }
  return { batch: [...last.values()], repeats }
}
