import type { Rejection } from './read-result.ts'

/**
 * A part of a document has a wrong shape. It is caught where that part can be left out; on the way every level puts its
 * own part in front of the path.
 */
export class ShapeError extends Error implements Rejection {
  path: string
  readonly reason: string

  constructor(path: string, reason: string) {
    super(reason)
    this.name = 'ShapeError'
    this.path = path
    this.reason = reason
  }

  /** Puts `outer` before the path of a shape error and rethrows it; rethrows any other error as it is. */
  static rethrow(error: unknown, outer: string): never {
    if (error instanceof ShapeError) error.path = joined(outer, error.path)
    throw error
  }

  /** The rejection for a shape error below `outer`; rethrows any other error. */
  static rejection(error: unknown, outer: string): Rejection {
    if (error instanceof ShapeError) return { path: joined(outer, error.path), reason: error.reason }
    throw error
  }
}

function joined(outer: string, inner: string): string {
  if (outer === '' || inner === '' || inner.startsWith('[')) return outer + inner
  return `${outer}.${inner}`
}

/** A JSON object whose members are not known yet. */
export type Unknowns = Readonly<Record<string, unknown>>

/** Whether `value` is a JSON object. */
export const isObject = (value: unknown): value is Unknowns =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object at `path`. */
export function requiredObject(value: unknown, path: string): Unknowns {
  if (isObject(value)) return value
  throw new ShapeError(path, absent(value) ? 'is missing' : 'is not an object')
}

/** The object at `path`; an empty one where there is none. */
export const optionalObject = (value: unknown, path: string): Unknowns =>
  absent(value) ? nothing : requiredObject(value, path)

/** The list at `path`; an empty one where there is none. */
export function optionalList(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (absent(value)) return none
  throw new ShapeError(path, 'is not a list')
}

/** Reads every item of the list at `path`; an empty list where there is none. */
export function readItems<T>(value: unknown, path: string, read: (item: unknown, index: number) => T): T[] {
  const items = optionalList(value, path)
  const found: T[] = []
  for (let i = 0; i < items.length; i += 1) {
    try {
      found.push(read(items[i], i))
    } catch (error) {
      ShapeError.rethrow(error, `${path}[${i}]`)
    }
  }
  return found
}

/** The text at `path`; empty where there is none. */
export function optionalText(value: unknown, path: string): string {
  if (typeof value === 'string') return value
  if (absent(value)) return ''
  throw new ShapeError(path, 'is not a string')
}

/** The text at `path`, which must not be empty. */
export function requiredText(value: unknown, path: string): string {
  const text = optionalText(value, path)
  if (text === '') throw new ShapeError(path, 'is missing')
  return text
}

/** The unsigned integer at `path`, a number or its decimal string; 0 where there is none. */
export function optionalCount(value: unknown, path: string): number {
  if (absent(value)) return 0
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count
  throw new ShapeError(path, 'is not a whole number')
}

/** Whether a member is not there; protobuf's JSON reads null as absent. */
export const absent = (value: unknown): value is undefined | null => value === undefined || value === null

const nothing: Unknowns = {}
const none: readonly unknown[] = []
