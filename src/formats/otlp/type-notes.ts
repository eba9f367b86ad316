import type { AttributeTypes } from '../../../schema/values.ts'
import type { Rejection } from '../read-result.ts'
import { ShapeError } from '../shape-error.ts'

/** What a value can be that plain JSON does not tell. */
export type ValueType = AttributeTypes[string]

/** The JSON pointer of a member of the value that `container` points to. */
export function pointerTo(container: string, key: string | number): string {
  if (typeof key === 'number') return `${container}/${key}`
  return `${container}/${/[~/]/.test(key) ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key}`
}

/**
 * Collects what is to be noted of one row while its values are read: attribute types, and details that did not fit and
 * were repaired or left out. Most rows need none.
 */
export class TypeNotes {
  /** Details that were repaired or left out, each by its path below the row. */
  readonly repairs: Rejection[]
  #types: Record<string, ValueType> | null = null

  /** @param repairs where repairs are collected; a part of a row hands over those of the row. */
  constructor(repairs: Rejection[] = []) {
    this.repairs = repairs
  }

  /** Notes that a detail was repaired or left out. */
  repair(path: string, reason: string): void {
    this.repairs.push({ path, reason })
  }

  /** Reads a detail; where its shape does not fit, it is left out and noted, and the row goes without it. */
  detail<T>(path: string, instead: T, read: () => T): T {
    try {
      return read()
    } catch (error) {
      const { path: inner, reason } = ShapeError.rejection(error, path)
      this.repair(inner, `${reason}: it is left out`)
      return instead
    }
  }

  /** The notes, or null where there are none. */
  get types(): AttributeTypes | null {
    return this.#types
  }

  add(pointer: string, type: ValueType): void {
    this.#types ??= {}
    this.#types[pointer] = type
  }

  /** Takes over notes of a part of the row that was read before. */
  addAll(types: AttributeTypes | null): void {
    if (types !== null) this.#types = { ...this.#types, ...types }
  }

  /** Drops the notes on a value that another one replaces, and on all inside it. */
  forget(pointer: string): void {
    this.#types = withoutNotes(this.#types, pointer)
  }
}

/** Whether `pointer` points to what `outer` points to, or into it. */
const within = (pointer: string, outer: string) => pointer === outer || pointer.startsWith(`${outer}/`)

/** `types` with every pointer changed, or left out where it becomes undefined; null where none is left. */
function mapped(types: AttributeTypes | null, change: (pointer: string) => string | undefined) {
  if (types === null) return null
  const entries = Object.entries(types).flatMap(([pointer, type]) => {
    const changed = change(pointer)
    return changed === undefined ? [] : [[changed, type] as const]
  })
  return entries.length > 0 ? Object.fromEntries(entries) : null
}

/** `types` without the notes on the value at `pointer` and inside it. */
const withoutNotes = (types: AttributeTypes | null, pointer: string) =>
  mapped(types, (each) => (within(each, pointer) ? undefined : each))

/** Only the notes on the value at `pointer` and inside it. */
export const onlyNotes = (types: AttributeTypes | null, pointer: string) =>
  mapped(types, (each) => (within(each, pointer) ? each : undefined))

/** `types` after the value at `from` has moved to `to`. */
export const movedNotes = (types: AttributeTypes | null, from: string, to: string) =>
  mapped(types, (each) => (within(each, from) ? to + each.slice(from.length) : each))
