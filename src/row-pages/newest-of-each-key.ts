import { type AcceptedRow, type Entity, keyOf, projectIndex, stampIndexes } from '../rows/accepted-row.ts'

/**
 * Keeps the newest row of each key: some engines may hold several rows of a key, the others hold one and refuse a
 * statement with more.
 */
export function newestOfEachKey(entity: Entity, rows: readonly AcceptedRow[]): AcceptedRow[] {
  const stampOf = ({ values }: AcceptedRow) => Number(values[stampIndexes[entity]])
  const newest = new Map<string, AcceptedRow>()
  for (const row of rows) {
    const key = `${row.values[projectIndex]}\0${keyOf(entity, row)}`
    const other = newest.get(key)
    if (!other || stampOf(row) >= stampOf(other)) newest.set(key, row)
  }
  return [...newest.values()]
}
