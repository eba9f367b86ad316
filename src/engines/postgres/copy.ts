import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import type pg from 'pg'
import type { from as copyFrom } from 'pg-copy-streams'
import type { Entity } from '../../rows/accepted-row.ts'
import { columnList } from '../upsert.ts'
import { type EncodedRow, pieces } from './encoded-row.ts'

/** What is handed to the socket at once: few calls, and other work gets its turn between them. */
const pieceBytes = 128 * 1024
const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const endOfData = Buffer.from([0xff, 0xff])

/**
 * Streams rows into a table with binary COPY, as fast as the server takes them.
 *
 * @returns how many rows the server stored
 */
export async function copyRows(
  connection: pg.PoolClient,
  from: typeof copyFrom,
  table: string,
  entity: Entity,
  rows: readonly EncodedRow[],
): Promise<number> {
  const stream = connection.query(from(`copy ${table} (${columnList(entity)}) from stdin (format binary)`))
  const done = finished(stream)
  // A failure is reported where it is awaited, below.
  done.catch(() => {})
  for (const piece of pieces(rows, pieceBytes, signature, endOfData)) {
    if (!stream.write(piece)) await Promise.race([once(stream, 'drain'), done])
  }
  stream.end()
  await done
  return stream.rowCount
}
