import { type AcceptedRow, type Entity, keyOf, projectIndex, stampIndexes } from '../rows/accepted-row.ts'

/**
 * Of rows with the same key the one with the highest stamp: ClickHouse may hold several, the other engines hold one and
 * refuse a statement with more.
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
