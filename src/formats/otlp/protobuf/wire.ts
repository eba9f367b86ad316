import { FormatError } from '../../../errors.ts'
import { knownText, longestKnown } from './known-text.ts'

/** The kinds of encoding that protobuf has. Groups (3 and 4) are older than OTLP, which has none. */
export const wireTypes = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const

const twoTo32 = 2 ** 32

/** The two halves of a 64-bit integer, without a sign. */
export interface Halves {
  readonly low: number
  readonly high: number
}

/**
 * Reads protobuf's encoding of values from bytes that a stranger sent: nothing is read beyond their end, and nothing
 * is allocated by a length that they only claim.
 */
export class Wire {
  /** The place of the next byte. */
  at = 0
  readonly size: number
  readonly #bytes: Buffer
  readonly #view: DataView
  #low = 0
  #high = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.size = bytes.byteLength
  }

  /** The error for bytes that are no protobuf, by where they are. */
  malformed(reason: string): FormatError {
    return new FormatError(`The protobuf is malformed at byte ${this.at}: ${reason}`)
  }

  /** The number and the kind of encoding of the next field, as `number << 3 | type`. */
  tag(): number {
    this.#varint()
    if (this.#high !== 0 || this.#low < 8) throw this.malformed('it has no field of this number')
    return this.#low
  }

  /** Where the next delimited value ends; `at` is where it begins. */
  delimited(): number {
    this.#varint()
    const end = this.at + this.#low
    if (this.#high !== 0 || end > this.size) throw this.malformed('a length is greater than what is there')
    return end
  }

  /** Passes over a value of a field that is not known. */
  skip(wireType: number): void {
    if (wireType === wireTypes.varint) this.#varint()
    else if (wireType === wireTypes.fixed64) this.#take(8)
    else if (wireType === wireTypes.delimited) this.at = this.delimited()
    else if (wireType === wireTypes.fixed32) this.#take(4)
    else throw this.malformed(`OTLP has no values of wire type ${wireType}`)
  }

  text(): string {
    const end = this.delimited()
    const begin = this.at
    this.at = end
    return end - begin <= longestKnown ? knownText(this.#bytes, begin, end) : this.#bytes.toString('utf8', begin, end)
  }

  hex(): string {
    return this.#encoded('hex')
  }

  base64(): string {
    return this.#encoded('base64')
  }

  #encoded(encoding: 'hex' | 'base64'): string {
    const end = this.delimited()
    const begin = this.at
    this.at = end
    return this.#bytes.toString(encoding, begin, end)
  }

  bool(): boolean {
    this.#varint()
    return this.#low !== 0 || this.#high !== 0
  }

  int32(): number {
    this.#varint()
    return this.#low | 0
  }

  uint32(): number {
    this.#varint()
    return this.#low
  }

  sint32(): number {
    this.#varint()
    return (this.#low >>> 1) ^ -(this.#low & 1)
  }

  /** An integer; as a decimal string where a number cannot hold it. */
  int64(): number | string {
    this.#varint()
    return signed(this.#low, this.#high)
  }

  /** As `int64`. */
  uint64(): number | string {
    this.#varint()
    return unsigned(this.#low, this.#high)
  }

  fixed32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }

  /** As `int64`. */
  fixed64(): number | string {
    const at = this.#take(8)
    return unsigned(this.#view.getUint32(at, true), this.#view.getUint32(at + 4, true))
  }

  /** As `int64`. */
  sfixed64(): number | string {
    const at = this.#take(8)
    return signed(this.#view.getUint32(at, true), this.#view.getUint32(at + 4, true))
  }

  /** A time in nanoseconds, which no number holds. */
  nanos(): Halves {
    const at = this.#take(8)
    return { low: this.#view.getUint32(at, true), high: this.#view.getUint32(at + 4, true) }
  }

  #take(bytes: number): number {
    const begin = this.at
    if (begin + bytes > this.size) throw this.malformed('it ends within a value')
    this.at = begin + bytes
    return begin
  }

  /** Reads a varint of at most 64 bits into `#low` and `#high`. */
  #varint(): void {
    const bytes = this.#bytes
    const first = bytes[this.at]
    if (first !== undefined && first < 128) {
      this.at += 1
      this.#low = first
      this.#high = 0
      return
    }
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[this.at]
      if (byte === undefined) throw this.malformed('it ends within a value')
      this.at += 1
      const bits = byte & 127
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high |= bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 128) {
        this.#low = low >>> 0
        this.#high = high >>> 0
        return
      }
    }
    throw this.malformed('an integer has more than 64 bits')
  }
}

function unsigned(low: number, high: number): number | string {
  const number = high * twoTo32 + low
  return Number.isSafeInteger(number) ? number : ((BigInt(high) << 32n) | BigInt(low)).toString()
}

function signed(low: number, high: number): number | string {
  const number = (high | 0) * twoTo32 + low
  if (Number.isSafeInteger(number)) return number
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)).toString()
}
