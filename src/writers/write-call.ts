import { BatchError, type RejectedRow, type StorageError } from '../errors.ts'
import type { Entity } from '../rows/accepted-row.ts'

/** The outcome of one `write`. */
export interface WriteResult {
  /** Rows stored, new or over an older version. */
  readonly stored: number
  /** Rows that were not needed: the same key came again later, or a newer version was stored already. */
  readonly deduplicated: number
}

/** One call of `write`, which settles when all of its rows are settled. */
export class WriteCall {
  readonly awaited: boolean
  readonly settled: Promise<WriteResult>
  readonly #entity: Entity
  readonly #rejected: RejectedRow[] = []
  #accepted = 0
  #open = 0
  #complete = false
  #stored = 0
  #deduplicated = 0
  #failure: StorageError | undefined
  #resolve!: (result: WriteResult) => void
  #reject!: (error: StorageError) => void

  /** @param awaited whether the caller waits for the rows to be stored */
  constructor(entity: Entity, awaited: boolean) {
    this.awaited = awaited
    this.#entity = entity
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Nobody handles this promise if the caller did not ask for a commit.
    this.settled.catch(() => {})
  }

  /** Rows that passed their checks. */
  get accepted(): number {
    return this.#accepted
  }

  get rejected(): readonly RejectedRow[] {
    return this.#rejected
  }

  add(): void {
    this.#accepted += 1
    this.#open += 1
  }

  refuse(row: RejectedRow): void {
    this.#rejected.push(row)
  }

  store(): void {
    this.#stored += 1
    this.#settle()
  }

  deduplicate(): void {
    this.#deduplicated += 1
    this.#settle()
  }

  reject(row: RejectedRow): void {
    this.#rejected.push(row)
    this.#settle()
  }

  fail(error: StorageError): void {
    this.#failure = error
    this.#settle()
  }

  /** No more rows will be added. */
  complete(): void {
    this.#complete = true
    if (this.#open === 0) this.#finish()
  }

  #settle(): void {
    this.#open -= 1
    if (this.#complete && this.#open === 0) this.#finish()
  }

  #finish(): void {
    if (this.#failure) this.#reject(this.#failure)
    else if (this.#rejected.length > 0) {
      this.#rejected.sort((a, b) => a.index - b.index)
      this.#reject(new BatchError(this.#entity, this.#stored + this.#deduplicated, this.#rejected))
    } else this.#resolve({ stored: this.#stored, deduplicated: this.#deduplicated })
  }
}
