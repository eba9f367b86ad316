import {
  type AcceptedRow,
  type ColumnSpec,
  type ColumnType,
  columnSpecs,
  type Entity,
  type Value,
} from '../../rows/accepted-row.ts'
import { ByteWriter } from './byte-writer.ts'

/**
 * ClickHouse's Native format: rows in blocks, each column after column, as the engine keeps them in memory. It costs the
 * engine less than half of what the same rows in RowBinary cost it.
 */

interface NativeType {
  /** The type as SQL names it. Text goes into a LowCardinality column as well. */
  readonly name: string
  /** Bytes of a value; of text, which has as many as it needs, those of none. A null is written as so many zeros. */
  readonly width: number
  write(out: ByteWriter, value: Value): void
}

const text: NativeType = { name: 'String', width: 1, write: (out, value) => out.text(value as string) }
const int64 = (name: string): NativeType => ({ name, width: 8, write: (out, value) => out.int64(value as number) })

const nativeTypes: Record<ColumnType, NativeType> = {
  text,
  json: text,
  int: { name: 'Int32', width: 4, write: (out, value) => out.int32(value as number) },
  bigint: int64('Int64'),
  real: { name: 'Float64', width: 8, write: (out, value) => out.float64(value as number) },
  bool: { name: 'Bool', width: 1, write: (out, value) => out.byte(value ? 1 : 0) },
  timestamp: int64("DateTime64(6, 'UTC')"),
}

/** A column of rows, and its index in their values. */
export interface NativeColumn extends Pick<ColumnSpec, 'name' | 'type' | 'notNull'> {
  readonly index: number
}

/**
 * The columns of an entity that are written.
 *
 * @param isWritten says which. @default all
 */
export const nativeColumns = (entity: Entity, isWritten: (spec: ColumnSpec) => boolean = () => true): NativeColumn[] =>
  columnSpecs[entity].map((spec, index) => ({ ...spec, index })).filter(isWritten)

/** Rows that follow each other in a block: from the first to before `to`. */
interface Run {
  readonly from: number
  readonly to: number
}

/** A block that rows are added to, which turn into the bytes of their columns at once. */
export class NativeBlock {
  readonly #columns: readonly Column[]
  #rows = 0

  /** @param like a block of the same columns that was filled: this one will take as much memory */
  constructor(columns: readonly NativeColumn[], like?: NativeBlock) {
    const filled = like ? like.#columns : []
    this.#columns = columns.map((column, i) => new Column(column, filled[i]))
  }

  get rows(): number {
    return this.#rows
  }

  /** Adds a row. Returns its index. */
  add({ values }: Pick<AcceptedRow, 'values'>): number {
    const row = this.#rows
    for (const column of this.#columns) {
      const value = values[column.index] ?? null
      if (value !== null) column.put(row, value)
    }
    this.#rows += 1
    return row
  }

  /**
   * The block as it is sent, in some pieces. They are the block's own memory where they can be.
   *
   * @param indexes of the rows that are wanted, ascending. @default all
   */
  *encode(indexes?: readonly number[]): Generator<Buffer, void, undefined> {
    const runs = indexes ? runsOf(indexes) : [{ from: 0, to: this.#rows }]
    const head = new ByteWriter(2 * longestCount)
    head.count(this.#columns.length)
    head.count(indexes?.length ?? this.#rows)
    yield head.bytes()
    for (const column of this.#columns) yield* column.encode(runs, this.#rows)
  }

  /** Forgets its rows and keeps its memory for others. */
  clear(): void {
    this.#rows = 0
    for (const column of this.#columns) column.clear()
  }
}

const longestCount = 5
/** What a column of few rows takes. */
const leastBytes = 64

const writerLike = (filled: ByteWriter | undefined) => new ByteWriter(filled ? filled.capacity : leastBytes)

class Column {
  readonly index: number
  readonly #type: NativeType
  readonly #head: Buffer
  readonly #nulls: ByteWriter | undefined
  readonly #data: ByteWriter
  /** Rows that are written. Those that follow are null, and are written when a value comes or the block is sent. */
  #rows = 0

  constructor({ name, type, notNull, index }: NativeColumn, like?: Column) {
    this.index = index
    this.#type = nativeTypes[type]
    this.#nulls = notNull ? undefined : writerLike(like ? like.#nulls : undefined)
    this.#data = writerLike(like ? like.#data : undefined)
    const head = new ByteWriter(leastBytes)
    head.text(name)
    head.text(notNull ? this.#type.name : `Nullable(${this.#type.name})`)
    this.#head = head.bytes()
  }

  put(row: number, value: Value): void {
    this.#fillTo(row)
    this.#nulls?.byte(0)
    this.#type.write(this.#data, value)
    this.#rows = row + 1
  }

  *encode(runs: readonly Run[], rows: number): Generator<Buffer, void, undefined> {
    this.#fillTo(rows)
    yield this.#head
    if (this.#nulls) yield joined(runs.map(({ from, to }) => (this.#nulls as ByteWriter).bytes(from, to)))
    yield joined(this.#type === text ? this.#texts(runs) : this.#values(runs))
  }

  clear(): void {
    this.#rows = 0
    this.#nulls?.clear()
    this.#data.clear()
  }

  #fillTo(row: number): void {
    const nulls = row - this.#rows
    if (nulls === 0) return
    this.#nulls?.repeat(1, nulls)
    this.#data.repeat(0, nulls * this.#type.width)
    this.#rows = row
  }

  #values(runs: readonly Run[]): Buffer[] {
    const { width } = this.#type
    return runs.map(({ from, to }) => this.#data.bytes(from * width, to * width))
  }

  #texts(runs: readonly Run[]): Buffer[] {
    let row = 0
    let at = 0
    return runs.map(({ from, to }) => {
      const start = this.#data.skipTexts(at, from - row)
      row = to
      at = to === this.#rows ? this.#data.length : this.#data.skipTexts(start, to - from)
      return this.#data.bytes(start, at)
    })
  }
}

const joined = (parts: readonly Buffer[]): Buffer => (parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts))

function runsOf(indexes: readonly number[]): Run[] {
  const runs: { from: number; to: number }[] = []
  for (const index of indexes) {
    const last = runs.at(-1)
    if (last?.to === index) last.to = index + 1
    else runs.push({ from: index, to: index + 1 })
  }
  return runs
}
