import { notedText } from './notes.ts'
import { pythonNumber } from './python-number.ts'

/** How one object of a document is written: its members in this order before all others, and those that are floats. */
export interface Layout {
  readonly order: readonly string[]
  readonly floats: ReadonlySet<string>
  /** Members whose own layout is known. */
  readonly members?: Readonly<Record<string, Layout>>
}

/** Where a layout ends: members as they come, whole numbers as integers. */
const free: Layout = { order: [], floats: new Set() }

/**
 * A document as Python's `json.dumps` writes it: `, ` and `: ` between its parts, nothing but ASCII, floats as Python
 * prints them, and numbers that were read by `readExact` as they stood there. What JSON has no form for (big integers
 * of a program's own, cycles, infinities) becomes its string; a date does as well. Members that are undefined, and
 * functions, are left out.
 *
 * @throws RangeError when the value is nested too deeply
 */
export function writeExact(value: unknown, layout: Layout = free): string {
  return written([value], 0, value, layout, false, new Set()) ?? 'null'
}

function written(
  holder: object,
  key: string | number,
  given: unknown,
  layout: Layout,
  isFloat: boolean,
  ancestors: Set<object>,
): string | undefined {
  const value = hasToJson(given) ? given.toJSON(String(key)) : given
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'boolean':
      return String(value)
    case 'number':
      return (
        notedText(holder, key, value) ?? (Number.isFinite(value) ? pythonNumber(value, isFloat) : quoted(String(value)))
      )
    case 'bigint':
      return notedText(holder, key, value) ?? quoted(String(value))
    case 'object':
      break
    default:
      return undefined
  }
  if (value === null) return 'null'
  if (ancestors.has(value)) return quoted('[circular]')
  ancestors.add(value)
  const text = Array.isArray(value) ? list(value, layout, ancestors) : object(value, layout, ancestors)
  ancestors.delete(value)
  return text
}

/** The items of a list have the layout of the list. */
function list(items: readonly unknown[], layout: Layout, ancestors: Set<object>): string {
  const parts = Array.from(items, (item, i) => written(items, i, item, layout, false, ancestors) ?? 'null')
  return `[${parts.join(', ')}]`
}

function object(value: object, { order, floats, members }: Layout, ancestors: Set<object>): string {
  const known = order.filter((key) => Object.hasOwn(value, key))
  const others = order.length === 0 ? Object.keys(value) : Object.keys(value).filter((key) => !order.includes(key))
  const parts: string[] = []
  for (const key of [...known, ...others]) {
    const member = (value as Record<string, unknown>)[key]
    const layout = members !== undefined && Object.hasOwn(members, key) ? members[key] : undefined
    const text = written(value, key, member, layout ?? free, floats.has(key), ancestors)
    if (text !== undefined) parts.push(`${quoted(key)}: ${text}`)
  }
  return `{${parts.join(', ')}}`
}

const hasToJson = (value: unknown): value is { toJSON(key: string): unknown } =>
  typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function'

const beyondAscii = /[\u007f-\uffff]/g

function quoted(text: string): string {
  return JSON.stringify(text).replace(beyondAscii, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
