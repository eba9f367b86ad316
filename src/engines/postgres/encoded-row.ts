import { factsOfRow, type SpanFacts } from '../../fold/span-facts.ts'
import {
  type AcceptedRow,
  columnSpecs,
  countedSpecs,
  type Entity,
  forEachEntity,
  keyOf,
  leadingKeyOf,
  namedTraceOf,
  stampOf,
  storedSpecs,
  type Value,
} from '../../rows/accepted-row.ts'
import type { PreparedRow } from '../sink.ts'
import { binaryTypes, nullLength } from './binary.ts'
import { ByteWriter } from './byte-writer.ts'

/** Small beside a batch, large beside a row: what a buffer loses at its end is little, and so is what one row keeps. */
const bufferBytes = 256 * 1024
/** What a row costs beside its bytes. */
const objectBytes = 160
/** What the facts of a span cost. */
const factsBytes = 480
const countBytes = 2
const nullBytes = 4
const nothing = Buffer.alloc(0)

/**
 * A row as COPY's binary format has it: a field count, then each field behind its length. Rows are encoded when they are
 * accepted, so that a queue holds bytes that the collector never looks at, and COPY sends them as they are.
 */
export interface EncodedRow extends PreparedRow {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
  /** Of spans: what the row of their trace follows from. */
  readonly facts: SpanFacts | undefined
  /** Of traces: the row as it was accepted, which is encoded once it is merged with what is stored. */
  readonly accepted?: AcceptedRow
}

const columnTypes = forEachEntity((entity) => storedSpecs[entity].map((spec) => binaryTypes[spec.type]))
const givenColumns = forEachEntity((entity) => columnSpecs[entity].length)
const countedTypes = forEachEntity((entity) => countedSpecs[entity].map((spec) => binaryTypes[spec.type]))
const keyLengths = forEachEntity((entity) => columnSpecs[entity].filter(({ primaryKey }) => primaryKey).length)

/** Encodes rows, each behind the one before. */
export class RowEncoder {
  readonly #out: ByteWriter
  /** How many rows of a buffer are needed still. */
  readonly #neededOf = new Map<Buffer, number>()

  /** @param bytes of a buffer */
  constructor(bytes = bufferBytes) {
    this.#out = new ByteWriter(bytes)
  }

  /** @param counted values of the columns that the sink adds; null where they are left out */
  encode(entity: Entity, row: AcceptedRow, counted?: readonly Value[]): EncodedRow {
    const out = this.#out
    const types = columnTypes[entity]
    const { values } = row
    const start = out.begin(types.length + 1, row.bytes + textLength(counted))
    out.int16(types.length)
    const given = givenColumns[entity]
    for (let i = 0; i < given; i += 1) {
      const value = values[i] ?? null
      if (value === null) out.int32(nullLength)
      else (types[i] as (typeof types)[number]).write(out, value)
    }
    this.#writeCounted(entity, counted)
    const { buffer, end } = out
    this.#neededOf.set(buffer, (this.#neededOf.get(buffer) ?? 0) + 1)
    const facts = entity === 'spans' ? factsOfRow(values) : undefined
    const bytes = end - start + objectBytes + (facts ? factsBytes : 0)
    return { buffer, start, end, bytes, ...namesOf(entity, row), facts }
  }

  /** A row that is not encoded yet. */
  keep(entity: Entity, row: AcceptedRow): EncodedRow {
    return {
      buffer: nothing,
      start: 0,
      end: 0,
      bytes: row.bytes + objectBytes,
      ...namesOf(entity, row),
      facts: undefined,
      accepted: row,
    }
  }

  /** A copy of a row that was encoded without them, with the values of the columns that the sink adds. */
  withCounted(entity: Entity, row: EncodedRow, counted: readonly Value[]): EncodedRow {
    const out = this.#out
    const given = row.end - countedSpecs[entity].length * nullBytes
    const start = out.begin(counted.length, given - row.start + textLength(counted))
    out.copy(row.buffer, row.start, given)
    this.#writeCounted(entity, counted)
    return { ...row, buffer: out.buffer, start, end: out.end }
  }

  #writeCounted(entity: Entity, counted: readonly Value[] | undefined): void {
    const types = countedTypes[entity]
    for (let i = 0; i < types.length; i += 1) {
      const value = counted?.[i] ?? null
      if (value === null) this.#out.int32(nullLength)
      else (types[i] as (typeof types)[number]).write(this.#out, value)
    }
  }

  /** Forgets rows, each once: their bytes are overwritten by later ones. Where nothing waits one buffer is kept. */
  free(rows: readonly EncodedRow[]): void {
    for (const { buffer } of rows) {
      if (buffer === nothing) continue
      const needed = (this.#neededOf.get(buffer) ?? 0) - 1
      this.#neededOf.set(buffer, needed)
      if (needed > 0) continue
      this.#neededOf.delete(buffer)
      this.#out.recycle(buffer)
    }
    if (this.#neededOf.size === 0) this.#out.reset()
  }
}

const namesOf = (entity: Entity, row: AcceptedRow) => ({
  leadingKey: leadingKeyOf(entity, row),
  key: keyOf(entity, row),
  stamp: stampOf(entity, row),
  traceId: namedTraceOf(entity, row),
})

function textLength(values: readonly Value[] | undefined): number {
  let length = 0
  for (const value of values ?? []) if (typeof value === 'string') length += value.length
  return length
}

/**
 * The bytes of rows, between a start and an end, in pieces of about `most` bytes: as they lie, and what is small put
 * together, for to send a piece costs more than to copy it.
 */
export function* pieces(rows: readonly EncodedRow[], most: number, start: Buffer, end: Buffer): Generator<Buffer> {
  let apart = [start]
  let bytes = start.length
  for (const piece of connectedPieces(rows, most)) {
    if (bytes > 0 && bytes + piece.length > most + most / 2) {
      yield joined(apart, bytes)
      apart = []
      bytes = 0
    }
    if (bytes === 0 && piece.length >= most) yield piece
    else {
      apart.push(piece)
      bytes += piece.length
    }
  }
  yield joined([...apart, end], bytes + end.length)
}

const joined = (parts: readonly Buffer[], bytes: number): Buffer =>
  parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, bytes)

/** The bytes of rows in as few pieces as they lie in, each at most so many rows long that it is about `most` bytes. */
function* connectedPieces(rows: readonly EncodedRow[], most: number): Generator<Buffer> {
  let [first] = rows
  if (!first) return
  let end = first.start
  for (const row of rows) {
    if (row.buffer !== first.buffer || row.start !== end || end - first.start >= most) {
      yield first.buffer.subarray(first.start, end)
      first = row
    }
    end = row.end
  }
  yield first.buffer.subarray(first.start, end)
}

/** Some columns of rows as binary arrays, the values of `unnest` parameters: the fields are the same as COPY's. */
export function columnArrays(entity: Entity, rows: readonly EncodedRow[], columns: readonly number[]): Buffer[] {
  const last = Math.max(...columns)
  const sizes = columnTypes[entity].map(() => 0)
  for (const row of rows) {
    eachField(row, last, (column, _, length) => {
      sizes[column] = (sizes[column] ?? 0) + length
    })
  }
  const arrays = new Map(columns.map((column) => [column, new BinaryArray(entity, column, rows.length, sizes[column])]))
  for (const row of rows) {
    eachField(row, last, (column, at, length) => arrays.get(column)?.append(row.buffer, at, length))
  }
  return [...arrays.values()].map(({ bytes }) => bytes)
}

/** A binary array that is being filled. */
class BinaryArray {
  readonly bytes: Buffer
  #end = 0

  constructor(entity: Entity, column: number, elements: number, size = 0) {
    // One dimension, which may hold nulls, of a type; so many elements, counted from 1.
    const header = [1, 1, columnTypes[entity][column]?.oid ?? 0, elements, 1]
    this.bytes = Buffer.allocUnsafe(header.length * 4 + size)
    for (const value of header) this.#end = this.bytes.writeInt32BE(value, this.#end)
  }

  append(source: Buffer, at: number, length: number): void {
    this.#end += source.copy(this.bytes, this.#end, at, at + length)
  }
}

/** Rows in the order of their keys, by bytes: who takes them in one order cannot wait in a circle. */
export function inKeyOrder(entity: Entity, rows: readonly EncodedRow[]): EncodedRow[] {
  const lastOfKey = keyLengths[entity] - 1
  const keyEnd = (row: EncodedRow) => {
    let end = row.start
    eachField(row, lastOfKey, (_, at, length) => (end = at + length))
    return end
  }
  return rows
    .map((row) => ({ row, keyEnd: keyEnd(row) }))
    .sort((a, b) => a.row.buffer.compare(b.row.buffer, b.row.start, b.keyEnd, a.row.start, a.keyEnd))
    .map(({ row }) => row)
}

/** Calls back with where each field of a row lies, its length before it, up to column `last`. */
function eachField(
  { buffer, start }: EncodedRow,
  last: number,
  onField: (column: number, at: number, length: number) => void,
): void {
  let at = start + countBytes
  for (let column = 0; column <= last; column += 1) {
    const length = 4 + Math.max(0, buffer.readInt32BE(at))
    onField(column, at, length)
    at += length
  }
}
