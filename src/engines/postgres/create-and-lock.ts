import type pg from 'pg'
import { TransactionError } from '../../errors.ts'
import { postgresDialect } from './dialect.ts'
import { createTraces, lockTraces, type Statement } from './statements.ts'

/** How often traces may be deleted under us before something else must be wrong. */
const mostRounds = 10

/**
 * Locks traces, created where they are missing, in the order in which they are given; returns those that were there
 * before. A transaction begins with it.
 */
export async function createAndLock(
  connection: pg.PoolClient,
  projectId: string,
  traceIds: readonly string[],
): Promise<Set<string>> {
  if (traceIds.length === 0) return new Set()
  for (let round = 1; round <= mostRounds; round += 1) {
    const existing = new Set(traceIds)
    const created = await idsOf(connection, createTraces(projectId, postgresDialect.list(traceIds)))
    for (const traceId of created) existing.delete(traceId)
    const locked = existing.size === 0 ? [] : await lockStored(connection, projectId, [...existing])
    if (locked.length === existing.size) return existing
    // One was deleted while this waited for its lock. Everything begins anew: what is created only now would be locked
    // out of order, and writers could wait in a circle.
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
): Promise<string[]> => idsOf(connection, lockTraces(projectId, postgresDialect.list(traceIds)))

async function idsOf(connection: pg.PoolClient, statement: Statement): Promise<string[]> {
  const { rows } = await connection.query<[string]>(statement)
  return rows.map(([traceId]) => traceId)
}
