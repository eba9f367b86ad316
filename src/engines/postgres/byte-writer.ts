import { type FastBuffer, writeShortAscii } from '../fast-buffer.ts'

/** What is kept for the next rows: 8 MiB with buffers of 256 KiB. */
const mostFreeBuffers = 32
/** What a value takes at most beyond its text: its length, and a number of 64 bits. */
const mostBytesOfValue = 12

/**
 * Rows one behind the other in large buffers, big-endian as PostgreSQL's protocol has them. Room is made once for a row,
 * so that its values are written without a look at the end. What was written stays where it is.
 */
export class ByteWriter {
  readonly #capacity: number
  /** Buffers that may be written again: a new one costs a collection sooner or later. */
  readonly #free: FastBuffer[] = []
  #buffer: FastBuffer
  #at = 0

  /** @param capacity bytes of a buffer; a row that is larger has one of its own */
  constructor(capacity: number) {
    this.#capacity = capacity
    this.#buffer = allocate(0)
  }

  get buffer(): Buffer {
    return this.#buffer
  }

  /** How far the buffer is written. */
  get end(): number {
    return this.#at
  }

  /**
   * Makes room for so many values and the characters of their texts, in a new buffer where this one is nearly full.
   *
   * @returns where they will begin
   */
  begin(values: number, characters: number): number {
    const most = values * mostBytesOfValue + characters * 3
    if (this.#buffer.length - this.#at < most) {
      this.#buffer = (most <= this.#capacity && this.#free.pop()) || allocate(Math.max(this.#capacity, most))
      this.#at = 0
    }
    return this.#at
  }

  /** Takes back a buffer of this writer whose bytes nobody needs any more. */
  recycle(buffer: Buffer): void {
    if (buffer === this.#buffer || buffer.length !== this.#capacity) return
    if (this.#free.length < mostFreeBuffers) this.#free.push(buffer as FastBuffer)
  }

  /** Begins anew, in no more than the buffer that it has: nobody needs any bytes any more. */
  reset(): void {
    this.#free.length = 0
    this.#at = 0
    if (this.#buffer.length > this.#capacity) this.#buffer = allocate(0)
  }

  int16(value: number): void {
    const buffer = this.#buffer
    buffer[this.#at++] = value >> 8
    buffer[this.#at++] = value
  }

  int32(value: number): void {
    const buffer = this.#buffer
    const at = this.#at
    buffer[at] = value >> 24
    buffer[at + 1] = value >> 16
    buffer[at + 2] = value >> 8
    buffer[at + 3] = value
    this.#at = at + 4
  }

  /** A 64-bit integer from a number that is exact up to 2^53. */
  int64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000)
    this.int32(high)
    this.int32(value - high * 0x1_0000_0000)
  }

  float64(value: number): void {
    this.#at = this.#buffer.writeDoubleBE(value, this.#at)
  }

  /** Bytes as they are. */
  copy(source: Buffer, start: number, end: number): void {
    this.#at += source.copy(this.#buffer, this.#at, start, end)
  }

  byte(value: number): void {
    this.#buffer[this.#at++] = value
  }

  /** UTF-8 text behind its length; `prefix` is one byte before the text that counts as part of it. */
  text(value: string, prefix?: number): void {
    const buffer = this.#buffer
    const before = this.#at
    this.#at += 4
    if (prefix !== undefined) this.byte(prefix)
    const from = this.#at
    const end = from + (writeShortAscii(buffer, value, from) ? value.length : buffer.utf8Write(value, from))
    this.#at = before
    this.int32(end - before - 4)
    this.#at = end
  }
}

const allocate = (bytes: number) => Buffer.allocUnsafeSlow(bytes) as FastBuffer
