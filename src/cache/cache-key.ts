import { createHash } from 'node:crypto'
import type { ReadOptions } from '../engines/pool.ts'

/**
 * The key under which the answer of a method to its options is cached: equal for equal options, and a hash, so that it
 * shows none of them. When the read is to end is no part of it. Undefined for options without a key, such as a function: their read goes to the database.
 */
export function cacheKey(projectId: string, method: string, options: object): string | undefined {
  const present = Object.entries(options)
    .filter(([name, value]) => value !== undefined && !ofLimits.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  if (!isPlain(present)) return undefined
  try {
    const hash = createHash('sha256')
      .update(textOf([method, present]))
      .digest('base64url')
    return `${encodeURIComponent(projectId)}:${method}:${hash}`
  } catch {
    return undefined
  }
}

/**
 * Equal for equal values, whose types it keeps. The engine's own serialization depends on how it stores a value, which
 * changes while a program runs.
 *
 * @throws TypeError for a function or a symbol; RangeError for a value that holds itself
 */
function textOf(value: unknown): string {
  if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError('has no text')
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return `${typeof value} ${Object.is(value, -0) ? '-0' : value}`
  if (value instanceof Date) return `date ${value.getTime()}`
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`
  return `{${Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${textOf(member)}`)}}`
}

/** The names of `ReadOptions`. */
const ofLimits: ReadonlySet<string> = new Set(['signal', 'statementTimeoutMs'] satisfies (keyof ReadOptions)[])

/**
 * Whether a value consists of plain objects, lists and dates. An instance of another class, such as URL, may hold nothing
 * that is seen here, while a filter uses its `toJSON`.
 */
function isPlain(value: object): boolean {
  const seen = new Set([value])
  for (const each of seen) {
    const prototype: unknown = Object.getPrototypeOf(each)
    if (!plainPrototypes.has(prototype)) return false
    for (const member of Object.values(each)) if (typeof member === 'object' && member !== null) seen.add(member)
  }
  return true
}

const plainPrototypes = new Set<unknown>([Object.prototype, Array.prototype, Date.prototype, null])
