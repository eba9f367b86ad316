import { createHash } from 'node:crypto'
import type { Batch } from '../sink.ts'
import type { BlockRow } from './block-rows.ts'

/**
 * What an insert is, however often it is tried: the server stores one of the same token once. It remembers tokens past a
 * delete of the rows, so that rows alone do not name an insert: they may be stored again by somebody who has them still.
 *
 * @param sending what the tries of one insert share, and no other insert
 */
export function deduplicationToken({ entity, projectId, rows }: Batch<BlockRow>, sending: string): string {
  // One text: a call for each row costs more than the hash.
  let text = `${sending}\0${entity}\0${projectId}\0`
  for (const { key, stamp } of rows) text += `${key}${stamp}\0`
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
