import { from } from 'pg-copy-streams'
import type { PostgresPool } from '../src/pool/postgres.ts'
import { copyRows } from '../src/writers/sinks/postgres/copy.ts'
import { tableName } from '../src/writers/sinks/postgres/statements.ts'
import type { Batch, Sink, SinkResult } from '../src/writers/sinks/sink.ts'

/** Stores new rows and nothing else: no locks, no look at the keys, no trace rows. What COPY alone can do. */
export class CopyOnlySink implements Sink {
  readonly maxConcurrency = 1
  readonly maxBatchBytes = Number.POSITIVE_INFINITY
  readonly #pool: PostgresPool

  constructor(pool: PostgresPool) {
    this.#pool = pool
  }

  write({ entity, rows }: Batch): Promise<SinkResult> {
    return this.#pool.transaction(`copy ${rows.length} rows`, async (connection) => {
      const stored = await copyRows(connection, from, tableName(entity), entity, rows)
      return { stored, superseded: 0, rejected: [] }
    })
  }
}
