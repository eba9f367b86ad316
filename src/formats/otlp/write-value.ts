import type { AttributeTypes, Json, JsonObject } from '../../../schema/values.ts'
import type { OtlpAnyValue, OtlpKeyValue } from './document.ts'
import { pointerTo } from './type-notes.ts'

/** A JSON object as a list of OTLP `KeyValue`s, with the types that a row notes for the values under `pointer`. */
export function writeAttributes(object: JsonObject, pointer: string, types: AttributeTypes | null): OtlpKeyValue[] {
  return Object.keys(object).map((key) => {
    const value = object[key] as Json
    // Most rows have no notes and need no pointers.
    return writeKeyValue(key, value, types === null ? '' : pointerTo(pointer, key), types)
  })
}

/** One OTLP `KeyValue`; a null without a note is a key without a value. */
export function writeKeyValue(key: string, value: Json, pointer: string, types: AttributeTypes | null): OtlpKeyValue {
  return value === null && types?.[pointer] === undefined ? { key } : { key, value: writeValue(value, pointer, types) }
}

function writeValue(value: Json, pointer: string, types: AttributeTypes | null): OtlpAnyValue {
  const type = types?.[pointer]
  if (type !== undefined) {
    const noted = writeNoted(value, type)
    if (noted) return noted
  }
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  }
  if (value === null) return {}
  if (isList(value)) {
    const values = value.map((each, i) => writeValue(each, types === null ? '' : pointerTo(pointer, i), types))
    return { arrayValue: values.length > 0 ? { values } : {} }
  }
  const values = writeAttributes(value, pointer, types)
  return { kvlistValue: values.length > 0 ? { values } : {} }
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

/** The value of a noted type; undefined where the note does not fit the value, which a caller may have changed. */
function writeNoted(value: Json, type: AttributeTypes[string]): OtlpAnyValue | undefined {
  switch (type) {
    case 'double':
      return typeof value === 'number' ? { doubleValue: value } : undefined
    case 'int':
      return typeof value === 'string' ? { intValue: value } : undefined
    case 'bytes':
      return typeof value === 'string' ? { bytesValue: value } : undefined
    case '-0':
      return value === 0 ? { doubleValue: '-0' } : undefined
    case 'nan':
      return value === null ? { doubleValue: 'NaN' } : undefined
    case 'infinity':
      return value === null ? { doubleValue: 'Infinity' } : undefined
    case '-infinity':
      return value === null ? { doubleValue: '-Infinity' } : undefined
    case 'empty':
      return undefined
  }
}
