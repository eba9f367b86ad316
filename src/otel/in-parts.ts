import { setImmediate } from 'node:timers/promises'
import { settlesWithin } from '../engines/deadline.ts'
import { emptyResult, type ReadResult } from '../formats/read-result.ts'
import { entities } from '../rows/accepted-row.ts'
import type { SdkResource } from './sdk.ts'

/** Records that are read in one turn of the event loop: about a millisecond. */
export const recordsPerTurn = 100

/**
 * Reads records in parts between which others have their turn, once their resources know their late attributes.
 *
 * @param read reads a part; `first` is the place of its first record
 */
export async function readInParts<T extends { readonly resource: SdkResource }>(
  records: readonly T[],
  read: (part: readonly T[], first: number) => ReadResult,
): Promise<ReadResult> {
  await lateAttributes(records.map(({ resource }) => resource))
  if (records.length <= recordsPerTurn) return read(records, 0)
  const all = emptyResult()
  for (let from = 0; from < records.length; from += recordsPerTurn) {
    if (from > 0) await setImmediate()
    append(all, read(records.slice(from, from + recordsPerTurn), from))
  }
  return all
}

/** Reads records one by one, in the same parts. One that throws is refused, and costs no other. */
export async function readEach<T>(records: readonly T[], read: (record: T) => ReadResult): Promise<ReadResult> {
  const all = emptyResult()
  for (const [index, record] of records.entries()) {
    if (index > 0 && index % recordsPerTurn === 0) await setImmediate()
    try {
      append(all, read(record))
    } catch {
      all.rejected.push({ path: `[${index}]`, reason: 'cannot be read: it throws' })
    }
  }
  return all
}

/** How long an export waits for late attributes, in milliseconds. */
const longestWaitMs = 5_000

/**
 * Waits for what resources learn late, such as the host. Where that fails or hangs the records go without it, as the
 * SDK has them go where it fails.
 */
export async function lateAttributes(resources: readonly SdkResource[]): Promise<void> {
  const late = [...new Set(resources)].filter((resource) => resource?.asyncAttributesPending)
  if (late.length === 0) return
  const known = late.map(async (resource) => resource.waitForAsyncAttributes?.())
  await settlesWithin(Promise.allSettled(known), longestWaitMs)
}

function append(all: ReadResult, part: ReadResult): void {
  for (const table of entities) (all[table] as object[]).push(...part[table])
  if (part.derived) all.derived = [...(all.derived ?? []), ...part.derived]
  all.rejected.push(...part.rejected)
  all.repaired.push(...part.repaired)
}
