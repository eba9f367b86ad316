import type { Json, JsonObject } from '../../../../schema/values.ts'
import { maxCostUsd, maxIdLength, maxTokens } from '../../../rows/limits.ts'
import type { As } from './profile.ts'

/** What a value is as a column holds it, or null where it makes no sense in it. */
export type Read = (value: Json) => unknown

/** Text; a number stands for its digits. A text in JSON's quotes is what they quote. */
export function readText(value: Json | undefined): string | null {
  if (typeof value === 'string') {
    if (value === '') return null
    if (value.length > 1 && value.startsWith('"') && value.endsWith('"')) {
      const quoted = parseJson(value)
      return typeof quoted === 'string' && quoted !== '' ? quoted : value
    }
    return value
  }
  return typeof value === 'number' ? String(value) : null
}

/** Text that fits in the column of an id. */
function readId(value: Json): string | null {
  const id = readText(value)
  return id !== null && id.length <= maxIdLength ? id : null
}

/** A whole number that a column of tokens holds; also as a decimal string. */
function readCount(value: Json): number | null {
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= maxTokens ? count : null
}

/** A finite number from 0; also as a decimal string. */
function readAmount(value: Json): number | null {
  const amount = typeof value === 'string' && /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : value
  return typeof amount === 'number' && Number.isFinite(amount) && amount >= 0 ? amount : null
}

/** An amount times `factor`, rounded to the microsecond: 1.001 * 1000 is not 1001. */
function readDuration(value: Json, toMicros: number): number | null {
  const amount = readAmount(value)
  const ms = amount === null ? Number.POSITIVE_INFINITY : Math.round(amount * toMicros) / 1000
  return Number.isFinite(ms) ? ms : null
}

/** Dollars, as many as a column of them holds. */
function readDollars(value: Json): number | null {
  const amount = readAmount(value)
  return amount !== null && amount <= maxCostUsd ? amount : null
}

/** A list of texts: as a list, as JSON, or as one text with commas. */
function readTexts(value: Json): readonly string[] | null {
  const list = typeof value === 'string' && value.startsWith('[') ? (parseJson(value) ?? value) : value
  if (typeof list === 'string') {
    const texts = list.split(',').map((each) => each.trim())
    const given = texts.filter((each) => each !== '')
    return given.length > 0 ? given : null
  }
  if (!isList(list) || list.length === 0) return null
  return list.every((each): each is string => typeof each === 'string') ? list : null
}

/** Microseconds of an instant: ISO-8601, also in JSON's quotes; epoch seconds, milliseconds, micro- or nanoseconds. */
function readInstant(value: Json): number | null {
  const text = readText(value)
  if (text === null) return null
  const number = Number(text)
  if (Number.isFinite(number) && number > 0) {
    const unit = [1e6, 1e3, 1, 1e-3].find((factor) => number * factor < 1e17 && number * factor > 1e14)
    return unit === undefined ? null : Math.floor(number * unit)
  }
  // Python writes a space for the T.
  const ms = Date.parse(text.replace(' ', 'T'))
  return Number.isNaN(ms) ? null : ms * 1000
}

/** Whether a level, a status or a flag says that something failed; null where it does not. */
function readFailure(value: Json): true | null {
  if (value === false) return null
  const said = typeof value === 'string' ? readText(value)?.toLowerCase() : value
  if (typeof said === 'string') return /^(error|fatal|critical|failed|failure)$/.test(said) ? true : null
  // OpenTelemetry's severity numbers.
  return said === true || (typeof said === 'number' && said >= 17 && said <= 24) ? true : null
}

/** The members of an object, also as JSON text. */
function readMembers(value: Json): JsonObject | null {
  const object = typeof value === 'string' ? parseJson(value) : value
  return isObject(object) && Object.keys(object).length > 0 ? object : null
}

export const readers: Readonly<Record<As, Read>> = {
  text: readText,
  id: readId,
  texts: readTexts,
  count: readCount,
  dollars: readDollars,
  seconds: (value) => readDuration(value, 1e6),
  milliseconds: readAmount,
  nanoseconds: (value) => readDuration(value, 1e-3),
  instant: readInstant,
  failure: readFailure,
  notOk: (value) => (value === false || value === 'false' ? true : readFailure(value)),
  members: readMembers,
}

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value of a JSON text, also as Python prints its dictionaries; undefined where it is neither. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return text.startsWith('{') || text.startsWith('[') ? parsePython(text) : undefined
  }
}

/** `{'a': 1, 'b': None}`: only where no text in it has quotes of its own. */
function parsePython(text: string): Json | undefined {
  if (text.includes('"') || text.length > 10_000) return undefined
  const json = text
    .replace(/'/g, '"')
    .replace(/\bNone\b/g, 'null')
    .replace(/\bTrue\b/g, 'true')
  try {
    return JSON.parse(json.replace(/\bFalse\b/g, 'false'))
  } catch {
    return undefined
  }
}

/** What a path of members leads to; names in it may have dots of their own. */
export function atPath(value: Json | undefined, path: readonly string[]): Json | undefined {
  if (path.length === 0) return value
  const given = typeof value === 'string' ? parseJson(value) : value
  if (!isObject(given)) return undefined
  for (let length = 1; length <= path.length; length += 1) {
    const name = path.slice(0, length).join('.')
    if (!Object.hasOwn(given, name)) continue
    const found = atPath(given[name], path.slice(length))
    if (found !== undefined) return found
  }
  return undefined
}
