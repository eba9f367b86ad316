import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import type pg from 'pg'
import type { from as copyFrom } from 'pg-copy-streams'
import type { AcceptedRow, Entity } from '../../accepted-row.ts'
import { columnList } from '../upsert.ts'
import { rowWriter } from './binary.ts'
import { ByteWriter } from './byte-writer.ts'

/** Bytes that are handed to the socket at once: fewer calls than rows, and little memory. */
const chunkBytes = 256 * 1024
const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const endOfData = -1

/**
 * Streams rows into a table with binary COPY. Rows are encoded as the server takes them: while one chunk is on its
 * way, the next is made.
 *
 * @returns how many rows the server stored
 */
export async function copyRows(
  connection: pg.PoolClient,
  from: typeof copyFrom,
  table: string,
  entity: Entity,
  rows: readonly AcceptedRow[],
): Promise<number> {
  const stream = connection.query(from(`copy ${table} (${columnList(entity)}) from stdin (format binary)`))
  const done = finished(stream)
  // A failure is reported where it is awaited, below.
  done.catch(() => {})
  const write = rowWriter(entity)
  const out = new ByteWriter(chunkBytes * 2)
  out.bytes(signature)
  for (const row of rows) {
    write(out, row)
    if (out.length >= chunkBytes && !stream.write(out.take())) {
      await Promise.race([once(stream, 'drain'), done])
    }
  }
  out.int16(endOfData)
  stream.end(out.take())
  await done
  return stream.rowCount
}
