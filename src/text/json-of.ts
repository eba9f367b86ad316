import type { Json } from '../../schema/values.ts'

/** Values nested deeper are left out: no record needs them, and writers refuse a row that is too deep. */
const deepest = 200

/**
 * A value of a program as JSON, or undefined where it has none. Objects say what they are by `toJSON`; functions,
 * symbols and what a getter throws are left out, bytes are base64, big integers and numbers that are none are text, and
 * an object inside itself is `'[circular]'`.
 */
export function jsonOf(value: unknown): Json | undefined {
  return converted(value, [])
}

function converted(value: unknown, ancestors: readonly object[]): Json | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'bigint':
      return String(value)
    case 'object':
      return value === null ? null : ofObject(value, ancestors)
    default:
      return undefined
  }
}

function ofObject(value: object, ancestors: readonly object[]): Json | undefined {
  if (ancestors.includes(value)) return '[circular]'
  if (ancestors.length >= deepest) return undefined
  const inside = [...ancestors, value]
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
  if (Array.isArray(value)) return value.map((item) => converted(item, inside) ?? null)
  const toJson = read(value, 'toJSON')
  if (typeof toJson === 'function') {
    try {
      return converted(toJson.call(value), inside)
    } catch {
      return undefined
    }
  }
  if (value instanceof Error) return { name: value.name, message: value.message }
  const entries = value instanceof Map ? [...value] : Object.keys(value).map((key) => [key, read(value, key)] as const)
  const object: Record<string, Json> = {}
  for (const [key, member] of entries) {
    const json = converted(member, inside)
    if (json !== undefined && typeof key === 'string') {
      // `__proto__` would set the prototype.
      Object.defineProperty(object, key, { value: json, enumerable: true, configurable: true, writable: true })
    }
  }
  return object
}

function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}
