import { FormatError } from '../../errors.ts'
import { notedText } from './notes.ts'
import { pythonNumber } from './python-number.ts'

/** How one object of a document is written: its members in this order before all others, and those that are floats. */
export interface Layout {
  readonly order: readonly string[]
  readonly floats: ReadonlySet<string>
  /** Members that are integers. Where a number is expected, big integers and infinities are written as numbers. */
  readonly integers?: ReadonlySet<string>
  /** Members whose own layout is known. */
  readonly members?: Readonly<Record<string, Layout>>
}

/** The type that a value must be written as. */
type WrittenType = 'float' | 'integer' | 'any'

/** Without a layout: members in their own order, whole numbers as integers. */
const free: Layout = { order: [], floats: new Set() }

/**
 * A document as Python's `json.dumps` writes it: `, ` and `: ` between its parts, nothing but ASCII, floats as Python
 * prints them, and numbers that `readExact` read as they were written. What JSON has no form for (big integers
 * of a program's own, cycles, infinities) becomes its string; a date does as well. Members that are undefined, and
 * functions, are left out.
 *
 * @throws FormatError when the value is nested too deeply
 */
export function writeExact(value: unknown, layout: Layout = free): string {
  try {
    return written([value], 0, value, layout, 'any', new Set()) ?? 'null'
  } catch (error) {
    if (error instanceof RangeError) throw new FormatError('The document is nested too deeply')
    throw error
  }
}

function written(
  holder: object,
  key: string | number,
  given: unknown,
  layout: Layout,
  writtenType: WrittenType,
  ancestors: Set<object>,
): string | undefined {
  const value = hasToJson(given) ? given.toJSON(String(key)) : given
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'boolean':
      return String(value)
    case 'number':
      if (Number.isFinite(value)) return notedText(holder, key, value) ?? pythonNumber(value, writtenType === 'float')
      return notedText(holder, key, value) ?? withoutForm(value, writtenType)
    case 'bigint':
      return notedText(holder, key, value) ?? withoutForm(value, writtenType)
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

/** A number that JSON cannot hold, or JavaScript cannot write: Python reads it where it expects a number. */
const withoutForm = (value: number | bigint, writtenType: WrittenType) =>
  writtenType === 'any' ? quoted(String(value)) : String(value)

/** The items of a list have the layout of the list. */
function list(items: readonly unknown[], layout: Layout, ancestors: Set<object>): string {
  const parts = Array.from(items, (item, i) => written(items, i, item, layout, 'any', ancestors) ?? 'null')
  return `[${parts.join(', ')}]`
}

function object(value: object, { order, floats, integers, members }: Layout, ancestors: Set<object>): string {
  const known = order.filter((key) => Object.hasOwn(value, key))
  const others = order.length === 0 ? Object.keys(value) : Object.keys(value).filter((key) => !order.includes(key))
  const parts: string[] = []
  for (const key of [...known, ...others]) {
    const member = (value as Record<string, unknown>)[key]
    const layout = members !== undefined && Object.hasOwn(members, key) ? members[key] : undefined
    const writtenType = floats.has(key) ? 'float' : integers?.has(key) ? 'integer' : 'any'
    const text = written(value, key, member, layout ?? free, writtenType, ancestors)
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
