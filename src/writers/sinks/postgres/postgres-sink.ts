import { getTableName, sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type pg from 'pg'
import type { PostgresPool } from '../../pool/postgres.ts'
import { type AcceptedRow, columnSpecs, type Entity } from '../accepted-row.ts'
import { refreshTraces } from '../recompute.ts'
import { emptyTrace, touchedTraces } from '../trace-rows.ts'
import { bisect } from './bisect.ts'
import { ByteWriter } from './byte-writer.ts'
import { binaryArray, binaryTypes } from './postgres-binary.ts'
import type { Batch, Sink, SinkResult } from './sink.ts'
import { columnList, onConflict } from './upsert.ts'

/**
 * Stores batches in one transaction each: lock the touched traces, store the rows, recompute the traces.
 *
 * Traces are locked before anything else, inserted first where they are missing, always in the order of their keys: so
 * writers wait for each other but never in a circle. The recompute is a statement of its own, whose snapshot sees what
 * the writer that held the lock before has committed.
 */
export class PostgresSink implements Sink {
  readonly #pool: PostgresPool
  readonly #refresh: { sql: string; params: unknown[] }

  constructor(pool: PostgresPool) {
    this.#pool = pool
    const touched = { projectId: sql.placeholder('projectId'), traceIds: sql.placeholder('traceIds') }
    this.#refresh = new PgDialect().sqlToQuery(refreshTraces(pool.dialect, pool.tables, touched))
  }

  write(batch: Batch): Promise<SinkResult> {
    return bisect(batch, (part) => this.#store(part))
  }

  #store(batch: Batch): Promise<SinkResult> {
    const { entity, rows, projectId } = batch
    return this.#pool.transaction(`write ${rows.length} rows of ${entity}`, async (connection) => {
      const traceIds = entity === 'events' ? [] : touchedTraces(batch)
      await this.#lockTraces(connection, projectId, traceIds)
      const stored = await this.#upsert(connection, entity, rows)
      await this.#refreshTraces(connection, projectId, traceIds)
      return { stored, superseded: rows.length - stored, rejected: [] }
    })
  }

  async #lockTraces(connection: pg.PoolClient, projectId: string, traceIds: readonly string[]): Promise<void> {
    if (traceIds.length === 0) return
    const missing = traceIds.map((traceId) => emptyTrace(projectId, traceId))
    await connection.query(this.#insert('traces', missing, 'on conflict do nothing'))
    const lock = `select 1 from ${this.#table('traces')} where project_id = $1 and trace_id = any($2::text[])
      order by trace_id for no key update`
    await connection.query({
      name: 'tracehold_lock',
      text: lock,
      values: [projectId, this.#pool.dialect.list(traceIds)],
    })
  }

  async #upsert(connection: pg.PoolClient, entity: Entity, rows: readonly AcceptedRow[]): Promise<number> {
    const { rowCount } = await connection.query(this.#insert(entity, rows, onConflict(entity, `${entity}`)))
    return rowCount ?? 0
  }

  async #refreshTraces(connection: pg.PoolClient, projectId: string, traceIds: readonly string[]): Promise<void> {
    if (traceIds.length === 0) return
    const given: Record<string, string> = { projectId, traceIds: this.#pool.dialect.list(traceIds) }
    const values = this.#refresh.params.map((param) => given[(param as { name: string }).name])
    await connection.query({ name: 'tracehold_refresh', text: this.#refresh.sql, values })
  }

  /** One INSERT of any number of rows: an array parameter a column, in binary. */
  #insert(entity: Entity, rows: readonly AcceptedRow[], conflict: string): pg.QueryConfig<unknown[]> {
    const specs = columnSpecs[entity]
    const out = new ByteWriter()
    const values = specs.map((spec, index) => binaryArray(out, rows, index, spec))
    const arrays = specs.map((spec, index) => `$${index + 1}::${binaryTypes[spec.type].name}[]`)
    const columns = columnList(entity)
    const text = `insert into ${this.#table(entity)} (${columns})
      select * from unnest(${arrays.join(', ')}) as given(${columns}) ${conflict}`
    return { name: `tracehold_insert_${entity}_${conflict.length}`, text, values }
  }

  #table(entity: Entity): string {
    return `tracehold."${getTableName(this.#pool.tables[entity])}"`
  }
}
