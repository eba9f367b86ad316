import type { ColumnType, Value } from '../../rows/accepted-row.ts'
import type { ByteWriter } from './byte-writer.ts'

/** PostgreSQL's binary forms, one closure a column type. */

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

/** The length of a null. */
export const nullLength = -1

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
