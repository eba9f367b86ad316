import { getTableName, type SQL, sql, type Table } from 'drizzle-orm'

/** A function of our connections: true, or the end of the statement that calls it. */
export const pulse = 'tracehold_pulse'

/** Rows between two beats, less one: as a mask of the row's number, it costs a row next to nothing. */
const mask = 255

/**
 * True of every row, and an occasion to end the statement that reads it: SQLite's driver has no call that interrupts one.
 */
export const beat = (table: Table): SQL =>
  sql`(${sql.identifier(getTableName(table))}.rowid & ${sql.raw(String(mask))} or ${sql.raw(pulse)}())`
