import { from } from 'pg-copy-streams'
import { copyRows } from '../src/engines/postgres/copy.ts'
import type { EncodedRow } from '../src/engines/postgres/encoded-row.ts'
import type { PostgresPool } from '../src/engines/postgres/pool.ts'
import { PostgresSink } from '../src/engines/postgres/sink.ts'
import { tableName } from '../src/engines/postgres/statements.ts'
import type { Batch, SinkResult } from '../src/engines/sink.ts'

/** Stores new rows and nothing else: no locks, no look at the keys, no trace rows. What COPY alone can do. */
export class CopyOnlySink extends PostgresSink {
  readonly #copies: PostgresPool

  constructor(pool: PostgresPool) {
    super(pool)
    this.#copies = pool
  }

  override write({ entity, rows }: Batch<EncodedRow>): Promise<SinkResult> {
    return this.#copies.transaction(`copy ${rows.length} rows`, async (connection) => {
      const stored = await copyRows(connection, from, tableName(entity), entity, rows)
      return { stored, superseded: [], rejected: [] }
    })
  }
}
