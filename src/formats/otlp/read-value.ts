import type { Json, JsonObject } from '../../../schema/values.ts'
import { absent, optionalList, optionalText, requiredObject, ShapeError, type Unknowns } from '../shape-error.ts'
import { base64Of } from './bytes.ts'
import { camelCaseMembers } from './camel-case-members.ts'
import { pointerTo, type TypeNotes } from './type-notes.ts'

/** Values may be nested this deep; protobuf's own limit is lower. */
const deepest = 100

/**
 * A list of OTLP `KeyValue`s as a plain JSON object: of duplicate keys the last wins. What plain JSON cannot tell goes
 * to `notes`, under the pointer of the object. A key without a value is null; a value without content is null with a note.
 * An entry whose shape does not fit is left out, and `notes` says so.
 */
export function readAttributes(list: unknown, path: string, pointer: string, notes: TypeNotes, depth = 0): JsonObject {
  const attributes: Record<string, Json> = {}
  if (absent(list)) return attributes
  const entries = notes.detail(path, [], () => optionalList(list, ''))
  for (let i = 0; i < entries.length; i += 1) {
    try {
      const entry = requiredObject(entries[i], '')
      const key = optionalText(entry.key, 'key')
      if (Object.hasOwn(attributes, key)) notes.forget(pointerTo(pointer, key))
      const value = absent(entry.value) ? null : readValue(entry.value, 'value', pointer, key, notes, depth)
      setMember(attributes, key, value)
    } catch (error) {
      const { path: inner, reason } = ShapeError.rejection(error, `${path}[${i}]`)
      notes.repair(inner, `${reason}: it is left out`)
    }
  }
  return attributes
}

/** Sets a member of any name: a plain assignment to `__proto__` would change the object's prototype instead. */
export function setMember(object: Record<string, Json>, key: string, value: Json): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

/** One OTLP `AnyValue` that is the member `key` of a row; null where its shape does not fit, and `notes` says so. */
export const readMember = (value: unknown, path: string, key: string, notes: TypeNotes): Json =>
  notes.detail('', null, () => readValue(value, path, '', key, notes, 0))

/** One OTLP `AnyValue`, the member `key` of the value that `container` points to, as plain JSON. */
function readValue(
  value: unknown,
  path: string,
  container: string,
  key: string | number,
  notes: TypeNotes,
  depth: number,
): Json {
  const given = requiredObject(value, path)
  if (typeof given.stringValue === 'string') return given.stringValue
  const any = camelCaseMembers(given)
  const note = (type: Parameters<TypeNotes['add']>[1]) => notes.add(pointerTo(container, key), type)
  try {
    if (!absent(any.intValue)) return readInt(any.intValue, note)
    if (!absent(any.doubleValue)) return readDouble(any.doubleValue, note)
    if (!absent(any.boolValue)) return readBool(any.boolValue)
    if (typeof any.stringValue === 'string') return any.stringValue
    if (!absent(any.arrayValue)) return readArray(any.arrayValue, pointerTo(container, key), notes, depth + 1)
    if (!absent(any.kvlistValue)) {
      const list = nested(any.kvlistValue, 'kvlistValue', depth + 1)
      return readAttributes(list.values, 'kvlistValue.values', pointerTo(container, key), notes, depth + 1)
    }
    if (!absent(any.bytesValue)) {
      const bytes = base64Of(any.bytesValue, 'bytesValue')
      note('bytes')
      return bytes
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
  const items = optionalList(nested(value, 'arrayValue', depth).values, 'arrayValue.values')
  // A list has no member without a value: null there is one without content. One that does not fit keeps its position.
  return items.map((each, i) =>
    notes.detail(`arrayValue.values[${i}]`, null, () => readValue(each ?? {}, '', pointer, i, notes, depth)),
  )
}

type Note = (type: Parameters<TypeNotes['add']>[1]) => void

/** The bounds of OTLP's integers. */
const [leastInteger, greatestInteger] = [-(2n ** 63n), 2n ** 63n - 1n]

/**
 * 64-bit integers come as decimal strings, and as numbers from some producers. Those beyond 2^53 stay strings, with a
 * note; those beyond 64 bits are texts, and a number with a fraction is a double.
 */
function readInt(value: unknown, note: Note): Json {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new ShapeError('intValue', 'is not an integer')
  if (!Number.isInteger(number)) return readDouble(number, note)
  // Adding 0 turns -0, which integers do not have, into 0.
  if (Number.isSafeInteger(number)) return number + 0
  const integer = BigInt(typeof value === 'string' && /^-?\d+$/.test(value) ? value : number)
  if (integer >= leastInteger && integer <= greatestInteger) note('int')
  return integer.toString()
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
  if (value === 'true' || value === 'false') return value === 'true'
  throw new ShapeError('boolValue', 'is not true or false')
}
