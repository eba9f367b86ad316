/** Node's own UTF-8 writer: a third faster than `write(text, at, 'utf8')`, and missing from its types. */
interface FastBuffer extends Buffer {
  utf8Write(text: string, offset: number): number
}
const allocate = (bytes: number) => Buffer.allocUnsafe(bytes) as FastBuffer

/** Bytes that are appended to one growing buffer, big-endian as PostgreSQL's protocol has them. */
export class ByteWriter {
  #buffer: FastBuffer
  #length = 0

  constructor(capacity = 64 * 1024) {
    this.#buffer = allocate(capacity)
  }

  get length(): number {
    return this.#length
  }

  int16(value: number): void {
    this.#reserve(2)
    this.#length = this.#buffer.writeInt16BE(value, this.#length)
  }

  int32(value: number): void {
    this.#reserve(4)
    this.#length = this.#buffer.writeInt32BE(value, this.#length)
  }

  /** A 64-bit integer from a number that is exact up to 2^53. */
  int64(value: number): void {
    this.#reserve(8)
    const high = Math.floor(value / 0x1_0000_0000)
    this.#length = this.#buffer.writeInt32BE(high, this.#length)
    this.#length = this.#buffer.writeUInt32BE(value - high * 0x1_0000_0000, this.#length)
  }

  float64(value: number): void {
    this.#reserve(8)
    this.#length = this.#buffer.writeDoubleBE(value, this.#length)
  }

  bytes(value: Buffer): void {
    this.#reserve(value.length)
    this.#length += value.copy(this.#buffer, this.#length)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#buffer[this.#length] = value
    this.#length += 1
  }

  /** UTF-8 text behind its length; `prefix` is one byte before the text that counts as part of it. */
  text(value: string, prefix?: number): void {
    this.#reserve(5 + value.length * 3)
    const start = this.#length + 4
    let at = start
    if (prefix !== undefined) {
      this.#buffer[at] = prefix
      at += 1
    }
    at += this.#buffer.utf8Write(value, at)
    this.#buffer.writeInt32BE(at - start, this.#length)
    this.#length = at
  }

  /** The bytes so far, as a view that stays valid: the writer goes on in a new buffer. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(0, this.#length)
    this.#buffer = allocate(this.#buffer.length)
    this.#length = 0
    return bytes
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#buffer.length) return
    const larger = allocate(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}
