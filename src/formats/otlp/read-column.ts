import type { Json, JsonObject } from '../../../schema/values.ts'
import { maxCostUsd, maxIdLength, maxTokens } from '../../rows/limits.ts'
import { columnNames, type NamedColumn } from './names.ts'

/** A value as a column holds it, or null where it is not one. */
type Reader<T> = (value: Json | undefined) => T | null

/** The value of the first attribute that fits a column; null where none does. */
export function readColumn<T>(attributes: JsonObject, column: NamedColumn, read: Reader<T>): T | null {
  const names: readonly string[] = columnNames[column]
  for (let i = 0; i < names.length; i += 1) {
    const given = attributes[names[i] as string]
    if (given === undefined) continue
    const value = read(given)
    if (value !== null) return value
  }
  return null
}

/** Text, or a number as text. */
export const readText: Reader<string> = (value) => {
  if (typeof value === 'string') return value === '' ? null : value
  return typeof value === 'number' ? String(value) : null
}

/** Text that fits in the column of an id. */
export const readId: Reader<string> = (value) => {
  const id = readText(value)
  return id !== null && id.length <= maxIdLength ? id : null
}

/** Tokens: a whole number that a column of them holds; also as a decimal string. */
export const readTokens: Reader<number> = (value) => {
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= maxTokens ? count : null
}

/** A finite number from 0; also as a decimal string. */
export const readAmount: Reader<number> = (value) => {
  const amount = typeof value === 'string' && /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : value
  return typeof amount === 'number' && Number.isFinite(amount) && amount >= 0 ? amount : null
}

/** Dollars, as many as a column of them holds. */
export const readDollars: Reader<number> = (value) => {
  const amount = readAmount(value)
  return amount !== null && amount <= maxCostUsd ? amount : null
}

/** A list of texts. One text is a list of one, and some producers write the list as JSON. */
export const readTexts: Reader<readonly string[]> = (value) => {
  const list = typeof value === 'string' && value.startsWith('[') ? parsed(value) : value
  if (typeof list === 'string') return list === '' ? null : [list]
  if (!Array.isArray(list) || list.length === 0) return null
  return list.every((each) => typeof each === 'string') ? list : null
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
