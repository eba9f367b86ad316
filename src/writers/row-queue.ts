import type { PreparedRow } from '../engines/sink.ts'
import type { WriteCall } from './write-call.ts'

/** A row that waits for its batch, and the call that waits for the row. */
export interface Waiting {
  readonly row: PreparedRow
  /** When the row was accepted. */
  readonly stamp: string
  readonly call: WriteCall
  /** The row's place in the call. */
  readonly index: number
}

/** Rows in the order in which they were accepted, and how many of them somebody waits for. */
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

  /** Rows that are not to wait for a full batch. */
  get urgent(): number {
    return this.#urgent
  }

  push(waiting: Waiting): void {
    this.#rows.push(waiting)
    this.#bytes += waiting.row.bytes
  }

  /** Nothing that is here now is to wait for a full batch. */
  hurry(): void {
    this.#urgent = this.#rows.length
  }

  /** Takes rows off the head: at most so many, up to the one with which they have so many bytes. */
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

/** Rows that are stored together, and those that give way to one of them. */
export interface Taken {
  readonly batch: readonly Waiting[]
  readonly repeats: readonly Waiting[]
}

/**
 * Of rows with the same key the one that wins, that is the last of those with the highest stamp: a statement cannot
 * store a key twice, and a long call's row may come behind one that was accepted later.
 */
export function lastOfEachKey(rows: readonly Waiting[]): Taken {
  // Mostly no key comes twice, which a set tells in half the time.
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
