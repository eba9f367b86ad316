import type pg from 'pg'
import { TransactionError } from '../../errors.ts'
import { storedTrace } from '../fold-rows.ts'
import type { StoredTrace } from '../fold-trace.ts'
import { postgresDialect } from './dialect.ts'
import type { EncodedRow } from './encoded-row.ts'
import type { KnownTraces } from './known-traces.ts'
import { createTraces, lockTraces, type Statement, type StateRow } from './statements.ts'

/** How often traces may be deleted under us before something else must be wrong. */
const mostRounds = 10

/**
 * Locks traces, created where they are missing, in the order in which they are given; returns those that were there
 * before. A transaction begins with it. All writers create first and lock then, so that none waits in a circle.
 *
 * @param known traces that are likely to be there: they are locked without a row at hand
 * @param makeRow the row of a trace that is missing, as it is created
 */
export async function createAndLock(
  connection: pg.PoolClient,
  projectId: string,
  traceIds: readonly string[],
  known: KnownTraces | undefined,
  makeRow: (traceId: string) => EncodedRow,
): Promise<Map<string, StoredTrace>> {
  if (traceIds.length === 0) return new Map()
  for (let round = 1; round <= mostRounds; round += 1) {
    const existing = new Set(traceIds)
    const rows = traceIds.filter((traceId) => !known?.has(projectId, traceId)).map(makeRow)
    if (rows.length > 0) {
      const { rows: created } = await connection.query<[string]>(createTraces(rows))
      for (const [traceId] of created) existing.delete(traceId)
    }
    const locked = existing.size === 0 ? new Map() : await lockStored(connection, projectId, [...existing])
    if (locked.size === existing.size) {
      known?.add(projectId, traceIds)
      return locked
    }
    // One was deleted, before or while this waited for its lock. Everything begins anew: what is created only now would
    // be locked out of order, and writers could wait in a circle.
    known?.forget(projectId, traceIds)
    await connection.query('rollback and chain')
  }
  throw new TransactionError(
    `Could not lock ${traceIds.length} traces in ${mostRounds} tries: they are deleted all the time, or a policy of row-level security lets the role insert traces that it may not update.`,
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
