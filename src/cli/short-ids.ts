import type { Store } from '../store/store.ts'

const shortest = 8
/** Sorts after every character that an id may have. */
const last = '\u{10FFFF}'

/** The number of characters after which all these ids differ. */
export function shortIdLength(ids: readonly string[]): number {
  const sorted = [...new Set(ids)].sort()
  let length = shortest
  for (const [index, id] of sorted.entries()) {
    const next = sorted[index + 1] ?? ''
    while (length <= id.length && next.startsWith(id.slice(0, length))) length += 1
  }
  return length
}

/** Ids of traces that begin with `start`, at most `limit` of them, in order. */
export async function traceIdsFrom(store: Store, start: string, limit: number): Promise<string[]> {
  const { and, asc, eq, gte, lt } = await import('drizzle-orm')
  const { traces } = store.tables
  const rows = await store.db
    .select({ traceId: traces.traceId })
    .from(traces)
    .where(
      // A range, which the primary key answers; LIKE would need its wildcards escaped.
      and(eq(traces.projectId, store.projectId), gte(traces.traceId, start), lt(traces.traceId, start + last)),
    )
    .orderBy(asc(traces.traceId))
    .limit(limit)
  return rows.map(({ traceId }) => traceId)
}
