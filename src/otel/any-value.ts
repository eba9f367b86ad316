import type { SdkAttributes } from './sdk.ts'

/** Values may be nested this deep: the reader refuses what is deeper. */
const deepest = 101

/** Attributes as OTLP's `KeyValue`s, with the types of values that the SDK's own exporters send, and integers of any size. */
export function keyValues(attributes: SdkAttributes | undefined): object[] {
  if (attributes === undefined || attributes === null) return []
  const list: object[] = []
  // As `Object.keys`: own members.
  for (const key of Object.keys(attributes)) list.push({ key, value: anyValue(attributes[key]) })
  return list
}

/** One value as OTLP's `AnyValue`. */
export function anyValue(value: unknown, ancestors: readonly unknown[] = []): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'number':
      return Number.isInteger(value) ? { intValue: value } : { doubleValue: value }
    case 'bigint':
      return { intValue: value.toString() }
    case 'boolean':
      return { boolValue: value }
    case 'object':
      return value === null ? {} : nested(value, ancestors)
    default:
      return {}
  }
}

function nested(value: object, ancestors: readonly unknown[]): object {
  if (value instanceof Uint8Array) {
    return { bytesValue: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
  }
  if (ancestors.length > deepest || ancestors.includes(value)) return { stringValue: '[circular]' }
  const inside = [...ancestors, value]
  if (Array.isArray(value)) return { arrayValue: { values: value.map((item) => anyValue(item, inside)) } }
  const members = Object.entries(value).map(([key, item]) => ({ key, value: anyValue(item, inside) }))
  return { kvlistValue: { values: members } }
}
