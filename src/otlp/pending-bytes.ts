import { Refusal } from './refusal.ts'

/** Bytes that all requests together hold in memory while they are read or wait for the database. */
export class PendingBytes {
  #bytes = 0
  readonly most: number

  constructor(most: number) {
    this.most = most
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Counts bytes, if there is room for them. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.most) return false
    this.#bytes += bytes
    return true
  }

  free(bytes: number): void {
    this.#bytes -= bytes
  }
}

/** What one request holds of them. */
export class Reservation {
  readonly #pending: PendingBytes
  #bytes = 0

  constructor(pending: PendingBytes) {
    this.#pending = pending
  }

  /** @throws Refusal with 429 where others hold too much, with 413 where this request alone is too much for ever */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#pending.most) {
      throw new Refusal(413, 'The request takes more memory than all may take together. Send smaller batches.')
    }
    if (!this.#pending.take(bytes)) throw Refusal.later(429, 'Too many requests wait. Try again later.', 1)
    this.#bytes += bytes
  }

  free(): void {
    this.#pending.free(this.#bytes)
    this.#bytes = 0
  }
}
