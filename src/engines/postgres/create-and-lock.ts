import type pg from 'pg'
import { TransactionError } from '../../errors.ts'
import { storedTrace } from '../fold-rows.ts'
import type { StoredTrace } from '../fold-trace.ts'
import { postgresDialect } from './dialect.ts'
import type { EncodedRow } from './encoded-row.ts'
import { createTraces, lockTraces, type Statement, type StateRow } from './statements.ts'

/** How often traces may be deleted under us before something else must be wrong. */
const mostRounds = 10

/**
 * Locks traces, created where they are missing, in the order in which they are given; returns those that were there
 * before. A transaction begins with it.
 *
 * @param rows the rows of the traces that are missing, as they are created
 */
export async function createAndLock(
  connection: pg.PoolClient,
  projectId: string,
  rows: readonly EncodedRow[],
): Promise<Map<string, StoredTrace>> {
  if (rows.length === 0) return new Map()
  for (let round = 1; round <= mostRounds; round += 1) {
    const existing = new Set(rows.map(({ leadingKey }) => leadingKey))
    const { rows: created } = await connection.query<[string]>(createTraces(rows))
    for (const [traceId] of created) existing.delete(traceId)
    const locked = existing.size === 0 ? new Map() : await lockStored(connection, projectId, [...existing])
    if (locked.size === existing.size) return locked
    // One was deleted while this waited for its lock. Everything begins anew: what is created only now would be locked
    // out of order, and writers could wait in a circle.
    await connection.query('rollback and chain')
  }
  throw new TransactionError(
    `Could not lock ${rows.length} traces in ${mostRounds} tries: they are deleted all the time, or a policy of row-level security lets the role insert traces that it may not update.`,
  )
}

/** Locks those of some traces that are stored, in the order in which they are given, and returns them. */
export const lockStored = (
  connection: pg.PoolClient,
  projectId: string,
  traceIds: readonly string[],
): Promise<Map<string, StoredTrace>> => tracesOf(connection, lockTraces(projectId, postgresDialect.list(traceIds)))

/** The traces that a statement answers with, by their ids. */
export async function tracesOf(connection: pg.PoolClient, statement: Statement): Promise<Map<string, StoredTrace>> {
  const { rows } = await connection.query<StateRow>(statement)
  return new Map(rows.map(([traceId, ...texts]) => [traceId, storedTrace(texts)]))
}
