import { asc, type SQL, sql } from 'drizzle-orm'
import type { Reader } from '../engines/pool.ts'

/** The order of spans in a trace: by start, then the source's own order, then the id. */
export function spanOrder({ dialect, tables }: Reader): SQL[] {
  const { startTime, sequence, spanId } = tables.spans
  return [asc(dialect.sortedAfterReading(startTime)), sql`${asc(sequence)} nulls last`, asc(spanId)]
}
