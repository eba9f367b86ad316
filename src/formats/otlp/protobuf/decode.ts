import type { Field, Message } from './message.ts'
import { requests } from './schema.ts'
import { Wire, wireTypes } from './wire.ts'

/** What OTLP sends to an endpoint of its own. */
export type Signal = keyof typeof requests

/** Messages may be inside each other this deep: what the reader takes of nested values (100), each of three messages. */
const deepest = 320
/**
 * Messages and repeated numbers of a request. One of two bytes becomes an object of a hundred, so a body within its limit
 * could take a gigabyte. Spans with twenty attributes reach it at 16 MB.
 */
const mostParts = 1_000_000

/**
 * Decodes an OTLP request into what `JSON.parse` makes of the same request in OTLP/JSON, save that 64-bit integers are
 * numbers where these hold them, and times are the halves of their nanoseconds. Fields that are not known are passed
 * over. A request that the official schema refuses is refused: texts that are no UTF-8 are not, but repaired.
 *
 * @throws FormatError for bytes that are no protobuf, or not of this signal, and where they hold more than a million parts
 */
export function decodeRequest(signal: Signal, bytes: Uint8Array): Record<string, unknown> {
  const wire = new Wire(bytes)
  return new Decoder(wire).message(requests[signal], wire.size, undefined, 0)
}

type Members = Record<string, unknown>

class Decoder {
  readonly #wire: Wire
  #parts = 0

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** Reads a message up to `end`; one that is sent twice is one, so the second is read into the first. */
  message({ fields, holds }: Message, end: number, first: Members | undefined, depth: number): Members {
    const wire = this.#wire
    if (depth > deepest) throw wire.malformed(`it is nested deeper than ${deepest} messages`)
    this.#count(1)
    const members = first ?? (holds === undefined ? {} : { [holds]: [] })
    let chosen = first && fields.find((each) => each?.isChoice && each.name in first)?.name
    while (wire.at < end) {
      const tag = wire.tag()
      const number = tag >>> 3
      const wireType = tag & 7
      const field = number < fields.length ? fields[number] : undefined
      if (field === undefined) wire.skip(wireType)
      else {
        if (field.isChoice) {
          if (chosen !== undefined && chosen !== field.name) delete members[chosen]
          chosen = field.name
        }
        this.#member(field, wireType, members, depth)
      }
    }
    if (wire.at !== end) throw wire.malformed('a value goes beyond its message')
    return members
  }

  #member(field: Field, wireType: number, members: Members, depth: number): void {
    const { name, isRepeated } = field
    const wire = this.#wire
    if (wireType !== field.wireType) {
      if (isRepeated && field.read && wireType === wireTypes.delimited) this.#packed(field.read, listIn(members, name))
      else throw wire.malformed('a field has another type than in this request')
    } else if (isRepeated) {
      if (field.message) {
        const end = wire.delimited()
        listIn(members, name).push(this.message(field.message, end, undefined, depth + 1))
      } else {
        this.#count(1)
        listIn(members, name).push(field.read?.(wire))
      }
    } else if (field.message) {
      const end = wire.delimited()
      const before = members[name] as Members | undefined
      members[name] = this.message(field.message, end, before, depth + 1)
    } else members[name] = field.read?.(wire)
  }

  #packed(read: (wire: Wire) => unknown, into: unknown[]): void {
    const wire = this.#wire
    const end = wire.delimited()
    while (wire.at < end) {
      this.#count(1)
      into.push(read(wire))
    }
    if (wire.at !== end) throw wire.malformed('a value goes beyond its list')
  }

  #count(parts: number): void {
    this.#parts += parts
    if (this.#parts > mostParts) throw this.#wire.malformed(`it holds more than ${mostParts} parts`)
  }
}

function listIn(members: Members, name: string): unknown[] {
  const list = members[name]
  if (list !== undefined) return list as unknown[]
  const made: unknown[] = []
  members[name] = made
  return made
}
