import { type FastBuffer, writeShortAscii } from '../fast-buffer.ts'

const allocate = (bytes: number) => Buffer.allocUnsafe(bytes) as FastBuffer

/** The most bytes that a count takes. */
const longestCount = 5

/** Bytes that are appended to one growing buffer, little-endian as ClickHouse's binary formats have them. */
export class ByteWriter {
  #buffer: FastBuffer
  #length = 0

  constructor(capacity: number) {
    this.#buffer = allocate(capacity)
  }

  get length(): number {
    return this.#length
  }

  get capacity(): number {
    return this.#buffer.length
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#buffer[this.#length] = value
    this.#length += 1
  }

  int32(value: number): void {
    this.#reserve(4)
    this.#length = this.#buffer.writeInt32LE(value, this.#length)
  }

  /** A 64-bit integer from a number that is exact up to 2^53. */
  int64(value: number): void {
    this.#reserve(8)
    const high = Math.floor(value / 0x1_0000_0000)
    const at = this.#buffer.writeUInt32LE(value - high * 0x1_0000_0000, this.#length)
    this.#length = this.#buffer.writeInt32LE(high, at)
  }

  float64(value: number): void {
    this.#reserve(8)
    this.#length = this.#buffer.writeDoubleLE(value, this.#length)
  }

  /** UTF-8 text behind its length in bytes. */
  text(value: string): void {
    this.#reserve(longestCount + value.length * 3)
    const buffer = this.#buffer
    const start = this.#length
    if (writeShortAscii(buffer, value, start + 1)) {
      buffer[start] = value.length
      this.#length = start + 1 + value.length
      return
    }
    // Most text is ASCII, where the bytes are as many as the characters; other text may have to move.
    const expected = lengthOfCount(value.length)
    const bytes = buffer.utf8Write(value, start + expected)
    const actual = lengthOfCount(bytes)
    if (actual !== expected) buffer.copyWithin(start + actual, start + expected, start + expected + bytes)
    this.#count(bytes)
    this.#length += bytes
  }

  /** A count, seven bits to a byte. */
  count(value: number): void {
    this.#reserve(longestCount)
    this.#count(value)
  }

  /** A byte so many times. */
  repeat(value: number, count: number): void {
    this.#reserve(count)
    this.#buffer.fill(value, this.#length, this.#length + count)
    this.#length += count
  }

  /** The bytes from one offset to before another, as a view that is valid until the writer is cleared. */
  bytes(from = 0, to = this.#length): Buffer {
    return this.#buffer.subarray(from, to)
  }

  /** The offset at which so many texts end that begin at another offset. */
  skipTexts(from: number, count: number): number {
    const buffer = this.#buffer
    let at = from
    for (let i = 0; i < count; i += 1) {
      let length = 0
      let shift = 0
      let byte: number
      do {
        byte = buffer[at++] as number
        length |= (byte & 0x7f) << shift
        shift += 7
      } while (byte > 0x7f)
      at += length
    }
    return at
  }

  /** Forgets what was written, and keeps the memory. */
  clear(): void {
    this.#length = 0
  }

  #count(value: number): void {
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.#buffer[this.#length++] = (rest & 0x7f) | 0x80
    this.#buffer[this.#length++] = rest
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#buffer.length) return
    const larger = allocate(Math.max(needed, Math.ceil(this.#buffer.length * 1.5)))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}

function lengthOfCount(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : longestCount
}
