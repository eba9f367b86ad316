import { seal } from './freeze-and-size.ts'

/**
 * Values of one place in all rows: as they are, or as what they have in common and what they differ in. The text of a
 * trace is a third as long this way, and takes a fifth of the time to parse.
 */
type Packed =
  /** Values as JSON writes them, and the places of those that are undefined. */
  | { readonly cells: unknown[]; readonly missing?: readonly number[] }
  /** Objects with the same names in the same order: those values that are the same in all, and a column for the rest. */
  | { readonly same: object; readonly columns: Readonly<Record<string, Packed>> }
  /** Lists: how long each is, and the items of all of them in one. */
  | { readonly lengths: readonly number[]; readonly items: Packed }

/** How deep an answer is taken apart: to an event's attributes. Below, values are as they are. */
const deepest = 6

/** An answer that is frozen to the bottom, and its estimated bytes of heap. */
export interface SealedAnswer {
  readonly answer: unknown
  readonly bytes: number
}

/** A sealed answer, other than undefined, as a text, of which `unpackAnswer` makes an equal one. */
export const packAnswer = ({ answer, bytes }: SealedAnswer): string => JSON.stringify([bytes, pack([answer], 0)])

/**
 * The answer that a text was made of, frozen as it was, without any part that is in it twice.
 *
 * @throws SyntaxError or TypeError for a text that was not made by `packAnswer`
 */
export function unpackAnswer(text: string): SealedAnswer {
  const [bytes, packed] = JSON.parse(text) as [number, Packed]
  const [answer] = unpack(packed, 1)
  if (answer === undefined || !Number.isSafeInteger(bytes) || bytes < 0) throw new TypeError('This is no answer.')
  return { answer, bytes }
}

function pack(values: readonly unknown[], depth: number): Packed {
  if (depth <= deepest && values.length > 0) {
    if (values.every(Array.isArray)) {
      return { lengths: values.map((list) => list.length), items: pack(values.flat(), depth + 1) }
    }
    if (areAlike(values)) return packObjects(values, depth)
  }
  const missing = values.flatMap((value, i) => (value === undefined ? [i] : []))
  return { cells: [...values], ...(missing.length > 0 && { missing }) }
}

function packObjects(objects: readonly Row[], depth: number): Packed {
  const same: [string, unknown][] = []
  const columns: [string, Packed][] = []
  for (const [name, first] of Object.entries(objects[0] ?? {})) {
    // Objects are never shared between rows: who copies an answer and changes a row must not change another.
    const isSame = isPrimitive(first) && objects.every((object) => object[name] === first)
    const column = () => objects.map((object) => object[name])
    if (!isSame) columns.push([name, pack(column(), depth + 1)])
    same.push([name, isSame ? first : null])
  }
  // Not by assignment, since a name may be `__proto__`.
  return { same: Object.fromEntries(same), columns: Object.fromEntries(columns) }
}

/** Freezes what it makes while it is at it: to walk through a whole trace for it takes as long as to parse its text. */
function unpack(packed: Packed, count: number): unknown[] {
  if ('cells' in packed) {
    const { cells, missing = [] } = packed
    for (const cell of cells) if (typeof cell === 'object') seal(cell)
    for (const i of missing) cells[i] = undefined
    return cells
  }
  if ('lengths' in packed) {
    const { lengths, items } = packed
    const total = lengths.reduce((sum, length) => sum + length, 0)
    const all = unpack(items, total)
    let end = 0
    return lengths.map((length) => {
      end += length
      return Object.freeze(all.slice(end - length, end))
    })
  }
  const { same, columns } = packed
  // A copy keeps the order of names, and is faster than setting each of them. V8 gives copies of what is not frozen a
  // shape that takes very long to freeze.
  Object.freeze(same)
  const rows: Row[] = []
  for (let i = 0; i < count; i += 1) rows.push({ ...same })
  for (const [name, column] of Object.entries(columns)) {
    const values = unpack(column, count)
    let i = 0
    for (const row of rows) row[name] = values[i++]
  }
  for (const row of rows) Object.freeze(row)
  return rows
}

type Row = Record<string, unknown>

const isPrimitive = (value: unknown) => value !== undefined && (value === null || typeof value !== 'object')

/** Whether values are plain objects with the same names in the same order. */
function areAlike(values: readonly unknown[]): values is readonly Row[] {
  const names = isPlain(values[0]) ? Object.keys(values[0]) : undefined
  if (!names) return false
  return values.every((value) => {
    if (!isPlain(value)) return false
    const own = Object.keys(value)
    return own.length === names.length && own.every((name, i) => name === names[i])
  })
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
