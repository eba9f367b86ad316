import type { Json, JsonObject } from '../../../schema/values.ts'
import {
  absent,
  optionalList,
  optionalText,
  readItems,
  requiredObject,
  ShapeError,
  type Unknowns,
} from '../shape-error.ts'
import { pointerTo, type TypeNotes } from './type-notes.ts'

/** Values may be nested this deep; protobuf's own limit is lower. */
const deepest = 100

/**
 * A list of OTLP `KeyValue`s as a plain JSON object; the last of duplicate keys wins. What plain JSON cannot hold is
 * noted in `notes`, below the object's pointer. A key without a value is null; a value without content is null with a note.
 */
export function readAttributes(list: unknown, path: string, pointer: string, notes: TypeNotes, depth = 0): JsonObject {
  const entries = optionalList(list, path)
  const attributes: Record<string, Json> = {}
  for (let i = 0; i < entries.length; i += 1) {
    try {
      const entry = requiredObject(entries[i], '')
      const key = optionalText(entry.key, 'key')
      if (Object.hasOwn(attributes, key)) notes.forget(pointerTo(pointer, key))
      const value = absent(entry.value) ? null : readValue(entry.value, 'value', pointer, key, notes, depth)
      setMember(attributes, key, value)
    } catch (error) {
      ShapeError.rethrow(error, `${path}[${i}]`)
    }
  }
  return attributes
}

/** Sets a member of any name: a plain assignment to `__proto__` would change the object's prototype instead. */
export function setMember(object: Record<string, Json>, key: string, value: Json): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

/** One OTLP `AnyValue` that is the member `key` of a row. */
export const readMember = (value: unknown, path: string, key: string, notes: TypeNotes): Json =>
  readValue(value, path, '', key, notes, 0)

/** One OTLP `AnyValue`, the member `key` of the value that `container` points to, as plain JSON. */
function readValue(
  value: unknown,
  path: string,
  container: string,
  key: string | number,
  notes: TypeNotes,
  depth: number,
): Json {
  const any = requiredObject(value, path)
  if (typeof any.stringValue === 'string') return any.stringValue
  const note = (type: Parameters<TypeNotes['add']>[1]) => notes.add(pointerTo(container, key), type)
  try {
    if (!absent(any.intValue)) return readInt(any.intValue, note)
    if (!absent(any.doubleValue)) return readDouble(any.doubleValue, note)
    if (!absent(any.boolValue)) return readBool(any.boolValue)
    if (!absent(any.arrayValue)) return readArray(any.arrayValue, pointerTo(container, key), notes, depth + 1)
    if (!absent(any.kvlistValue)) {
      const list = nested(any.kvlistValue, 'kvlistValue', depth + 1)
      return readAttributes(list.values, 'kvlistValue.values', pointerTo(container, key), notes, depth + 1)
    }
    if (!absent(any.bytesValue)) {
      note('bytes')
      return optionalText(any.bytesValue, 'bytesValue')
    }
    if (!absent(any.stringValue)) throw new ShapeError('stringValue', 'is not a string')
  } catch (error) {
    ShapeError.rethrow(error, path)
  }
  note('empty')
  return null
}

function nested(value: unknown, path: string, depth: number): Unknowns {
  if (depth > deepest) throw new ShapeError(path, `is nested deeper than ${deepest} levels`)
  return requiredObject(value, path)
}

function readArray(value: unknown, pointer: string, notes: TypeNotes, depth: number): Json {
  return readItems(nested(value, 'arrayValue', depth).values, 'arrayValue.values', (each, i) =>
    // A list has no member without a value: null there is one without content.
    readValue(each ?? {}, '', pointer, i, notes, depth),
  )
}

type Note = (type: Parameters<TypeNotes['add']>[1]) => void

/** 64-bit integers come as decimal strings, and as numbers from some producers. Those beyond 2^53 stay strings. */
function readInt(value: unknown, note: Note): Json {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
  if (!Number.isInteger(number)) throw new ShapeError('intValue', 'is not an integer')
  // Adding 0 turns -0, which integers do not have, into 0.
  if (Number.isSafeInteger(number)) return (number as number) + 0
  note('int')
  return BigInt(value as string | number).toString()
}

function readDouble(value: unknown, note: Note): Json {
  const double = typeof value === 'string' ? doubleOf(value) : value
  if (typeof double !== 'number') throw new ShapeError('doubleValue', 'is not a number')
  if (Number.isInteger(double)) {
    if (Object.is(double, -0)) {
      note('-0')
      return 0
    }
    note('double')
  } else if (!Number.isFinite(double)) {
    note(Number.isNaN(double) ? 'nan' : double > 0 ? 'infinity' : '-infinity')
    return null
  }
  return double
}

/** Protobuf's JSON writes NaN and the infinities as strings, and reads any double from one. */
function doubleOf(text: string): number | undefined {
  const double = Number(text)
  return text === 'NaN' || (!Number.isNaN(double) && text.trim() !== '') ? double : undefined
}

function readBool(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new ShapeError('boolValue', 'is not true or false')
}
