import {
  type AcceptedRow,
  type ColumnSpec,
  type ColumnType,
  columnSpecs,
  type Entity,
  type Value,
} from '../../accepted-row.ts'
import type { ByteWriter } from './byte-writer.ts'

/** PostgreSQL's binary forms, one closure a column type. COPY rows and array parameters are both made of them. */

interface BinaryType {
  /** The type's name in SQL. */
  readonly name: string
  /** The type's object id, which an array's header carries. */
  readonly oid: number
  /** Appends a value that is not null, behind its length. */
  write(out: ByteWriter, value: Value): void
}

/** PostgreSQL counts microseconds from 2000-01-01. */
const epochMicros = 946_684_800_000_000
const jsonbVersion = 1

export const binaryTypes: Record<ColumnType, BinaryType> = {
  text: { name: 'text', oid: 25, write: (out, value) => out.text(value as string) },
  json: { name: 'jsonb', oid: 3802, write: (out, value) => out.text(value as string, jsonbVersion) },
  int: {
    name: 'int4',
    oid: 23,
    write(out, value) {
      out.int32(4)
      out.int32(value as number)
    },
  },
  bigint: {
    name: 'int8',
    oid: 20,
    write(out, value) {
      out.int32(8)
      out.int64(value as number)
    },
  },
  real: {
    name: 'float8',
    oid: 701,
    write(out, value) {
      out.int32(8)
      out.float64(value as number)
    },
  },
  bool: {
    name: 'bool',
    oid: 16,
    write(out, value) {
      out.int32(1)
      out.byte(value ? 1 : 0)
    },
  },
  timestamp: {
    name: 'timestamptz',
    oid: 1184,
    write(out, value) {
      out.int32(8)
      out.int64((value as number) - epochMicros)
    },
  },
}

const nullLength = -1

/** One column of some rows as a binary array, the value of one `unnest` parameter. */
export function binaryArray(out: ByteWriter, rows: readonly AcceptedRow[], index: number, spec: ColumnSpec): Buffer {
  const type = binaryTypes[spec.type]
  out.int32(1) // dimensions
  out.int32(1) // may hold nulls
  out.int32(type.oid)
  out.int32(rows.length)
  out.int32(1) // first index
  for (const row of rows) {
    const value = row.values[index] ?? null
    if (value === null) out.int32(nullLength)
    else type.write(out, value)
  }
  return out.take()
}

/** Writes rows of an entity as COPY's binary format has them: a field count, then each field behind its length. */
export function rowWriter(entity: Entity): (out: ByteWriter, row: AcceptedRow) => void {
  const writers = columnSpecs[entity].map((spec) => binaryTypes[spec.type].write)
  return (out, { values }) => {
    out.int16(writers.length)
    for (let i = 0; i < writers.length; i += 1) {
      const value = values[i] ?? null
      if (value === null) out.int32(nullLength)
      else (writers[i] as BinaryType['write'])(out, value)
    }
  }
}
