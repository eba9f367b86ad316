import { from } from 'pg-copy-streams'
import type { PostgresPool } from '../src/pool/postgres.ts'
import type { AcceptedRow, Entity } from '../src/writers/accepted-row.ts'
import { copyRows } from '../src/writers/sinks/postgres/copy.ts'
import { type EncodedRow, RowEncoder } from '../src/writers/sinks/postgres/encoded-row.ts'
import { tableName } from '../src/writers/sinks/postgres/statements.ts'
import type { Batch, Sink, SinkResult } from '../src/writers/sinks/sink.ts'

/** Stores new rows and nothing else: no locks, no look at the keys, no trace rows. What COPY alone can do. */
export class CopyOnlySink implements Sink<EncodedRow> {
  readonly maxConcurrency = 1
  readonly bulkRows = 3_000
  readonly bulkBytes = 16 * 1024 * 1024
  readonly maxBatchBytes = Number.POSITIVE_INFINITY
  readonly #pool: PostgresPool
  readonly #encoder = new RowEncoder()

  constructor(pool: PostgresPool) {
    this.#pool = pool
  }

  keep(entity: Entity, row: AcceptedRow): EncodedRow {
    return this.#encoder.encode(entity, row)
  }

  release(rows: readonly EncodedRow[]): void {
    this.#encoder.release(rows)
  }

  write({ entity, rows }: Batch<EncodedRow>): Promise<SinkResult> {
    return this.#pool.transaction(`copy ${rows.length} rows`, async (connection) => {
      const stored = await copyRows(connection, from, tableName(entity), entity, rows)
      return { stored, superseded: [], rejected: [] }
    })
  }
}
