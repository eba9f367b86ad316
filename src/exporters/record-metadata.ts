import { isContent } from '../formats/otlp/content-attributes.ts'
import { safeText } from '../text/safe-json.ts'

/** Attributes that have columns of their own. */
export const liftedAttributes = {
  agentVersion: 'agent.version',
  parentRunId: 'parent.run_id',
  contextId: 'context.id',
} as const

const lifted: ReadonlySet<string> = new Set(Object.values(liftedAttributes))

/** ClickHouse's JSON type refuses a document of more than about a thousand levels; what lies below this one is left out. */
const mostLevels = 100

/** From here on ClickHouse takes an integer only as a float, which shows by its exponent. */
const pastInt64 = 2 ** 63

/** The attributes of a record as JSON text with sorted keys, without those that have columns and, unless told, without content. */
export function metadataText(attributes: Readonly<Record<string, unknown>>, captureContent: boolean): string {
  const kept = Object.keys(attributes).filter((name) => !lifted.has(name) && (captureContent || !isContent(name)))
  return objectText(attributes, kept, new Set([attributes]))
}

function objectText(source: object, keys: readonly string[], ancestors: Set<object>): string {
  const members: string[] = []
  for (const key of [...keys].sort()) {
    const text = jsonText((source as Record<string, unknown>)[key], ancestors)
    if (text !== undefined) members.push(`${JSON.stringify(safeText(key))}:${text}`)
  }
  return `{${members.join(',')}}`
}

/** JSON with sorted keys; what JSON cannot hold becomes its string. Undefined for undefined, as in JSON. */
function jsonText(value: unknown, ancestors: Set<object>): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(safeText(value))
    case 'number':
      return numberText(value)
    case 'boolean':
      return String(value)
    case 'undefined':
      return undefined
    case 'object':
      return value === null ? 'null' : documentText(value, ancestors)
    default:
      return JSON.stringify(safeText(String(value)))
  }
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`
  return Number.isInteger(value) && Math.abs(value) >= pastInt64 ? value.toExponential() : String(value)
}

function documentText(value: object, ancestors: Set<object>): string | undefined {
  if (ancestors.has(value)) return '"[circular]"'
  if (ancestors.size >= mostLevels) return '"[too deep]"'
  ancestors.add(value)
  const text = walkedText(value, ancestors)
  ancestors.delete(value)
  return text
}

function walkedText(value: object, ancestors: Set<object>): string | undefined {
  if ('toJSON' in value && typeof value.toJSON === 'function') return jsonText(value.toJSON(), ancestors)
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item, ancestors) ?? 'null').join(',')}]`
  const prototype: unknown = Object.getPrototypeOf(value)
  const isPlain = prototype === null || prototype === Object.prototype
  return isPlain ? objectText(value, Object.keys(value), ancestors) : JSON.stringify(safeText(String(value)))
}
