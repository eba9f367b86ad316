import type { BlockRow } from './block-rows.ts'

/** The server refuses an insert that touches more (max_partitions_per_insert_block). */
export const mostPartitions = 100

const dayMicros = 86_400_000_000
/** A cluster's tables may be partitioned by day (`tracehold migrate --print-cluster`). */
const partitionMicros = dayMicros

/**
 * The indexes of rows, in as few groups as one insert each can store. Nearly always it is one.
 *
 * @param most partitions of a group
 */
export function byPartitions(rows: readonly Pick<BlockRow, 'time'>[], most = mostPartitions): number[][] {
  const everything = rows.map((_, index) => index)
  const partitions = new Map<number, number[]>()
  for (const [index, { time }] of rows.entries()) {
    const partition = Math.floor(time / partitionMicros)
    const indexes = partitions.get(partition)
    if (indexes) indexes.push(index)
    else partitions.set(partition, [index])
  }
  if (partitions.size <= most) return [everything]
  const inOrder = [...partitions].sort(([a], [b]) => a - b).map(([, indexes]) => indexes)
  return Array.from({ length: Math.ceil(inOrder.length / most) }, (_, i) =>
    inOrder.slice(i * most, (i + 1) * most).flat(),
  )
}
