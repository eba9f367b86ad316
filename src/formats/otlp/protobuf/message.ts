import { type Wire, wireTypes } from './wire.ts'

/** How a value of each type is encoded, and what reads it. */
const scalars = {
  string: { wireType: wireTypes.delimited, read: (wire: Wire) => wire.text() },
  /** Bytes that OTLP/JSON has in hex: ids. */
  hex: { wireType: wireTypes.delimited, read: (wire: Wire) => wire.hex() },
  /** Bytes that OTLP/JSON has in base64: all others. */
  base64: { wireType: wireTypes.delimited, read: (wire: Wire) => wire.base64() },
  bool: { wireType: wireTypes.varint, read: (wire: Wire) => wire.bool() },
  int32: { wireType: wireTypes.varint, read: (wire: Wire) => wire.int32() },
  uint32: { wireType: wireTypes.varint, read: (wire: Wire) => wire.uint32() },
  sint32: { wireType: wireTypes.varint, read: (wire: Wire) => wire.sint32() },
  int64: { wireType: wireTypes.varint, read: (wire: Wire) => wire.int64() },
  uint64: { wireType: wireTypes.varint, read: (wire: Wire) => wire.uint64() },
  fixed32: { wireType: wireTypes.fixed32, read: (wire: Wire) => wire.fixed32() },
  fixed64: { wireType: wireTypes.fixed64, read: (wire: Wire) => wire.fixed64() },
  sfixed64: { wireType: wireTypes.fixed64, read: (wire: Wire) => wire.sfixed64() },
  /** A fixed64 of nanoseconds. */
  nanos: { wireType: wireTypes.fixed64, read: (wire: Wire) => wire.nanos() },
  double: { wireType: wireTypes.fixed64, read: (wire: Wire) => wire.double() },
} as const

type Scalar = keyof typeof scalars

/** One field of a message. */
export interface Field {
  /** Its name in OTLP/JSON. */
  readonly name: string
  readonly wireType: number
  readonly isRepeated: boolean
  /** Reads a value; undefined for messages. */
  readonly read?: (wire: Wire) => unknown
  readonly message?: Message
  /** Whether it is one of several of which a message has only the last. */
  readonly isChoice: boolean
}

/** A message. */
export interface Message {
  /** Its fields by their numbers, without holes, so that a look-up stays within the array. */
  readonly fields: (Field | undefined)[]
  /** The list that it is there for, which is empty where nothing is sent, and not missing. */
  readonly holds?: string
}

type Type = Scalar | Message

const field = (name: string, type: Type, isRepeated: boolean, isChoice: boolean): Field =>
  typeof type === 'string'
    ? { name, ...scalars[type], isRepeated, isChoice }
    : { name, wireType: wireTypes.delimited, message: type, isRepeated, isChoice }

/** A field with one value. */
export const one = (name: string, type: Type): Field => field(name, type, false, false)

/** A field with any number of values. */
export const many = (name: string, type: Type): Field => field(name, type, true, false)

/** A field of which, among all such ones of its message, only the last counts (`oneof`). */
export const choice = (name: string, type: Type): Field => field(name, type, false, true)

/** Adds fields by number; a message that holds itself is filled after it is made. */
export function fill(message: Message, fields: Readonly<Record<number, Field>>): Message {
  for (const [number, each] of Object.entries(fields)) {
    while (message.fields.length <= Number(number)) message.fields.push(undefined)
    message.fields[Number(number)] = each
  }
  return message
}

/** A message of these fields. */
export const message = (fields: Readonly<Record<number, Field>>, holds?: string): Message =>
  fill({ fields: [], ...(holds && { holds }) }, fields)
