import { PgDialect } from 'drizzle-orm/pg-core'
import type pg from 'pg'
import type { from as copyFrom } from 'pg-copy-streams'
import * as tables from '../../../schema/postgres.ts'
import { isoFromMicros } from '../../../schema/time.ts'
import { DriverError } from '../../driver-errors/driver-error.ts'
import { StorageError } from '../../errors.ts'
import type { AcceptedRow, Entity } from '../../rows/accepted-row.ts'
import { bisect } from '../bisect.ts'
import { loadDriver } from '../load-driver.ts'
import { inLockOrder } from '../lock-order.ts'
import { type RefreshStatement, refreshStatement } from '../recompute.ts'
import { type RunBatch, type RunResult, runStatements, selectRuns } from '../runs.ts'
import { type Batch, type RunSink, type Sink, type SinkResult, type WriteMethod, whilePrepared } from '../sink.ts'
import { decidesTraces, touchedTraces } from '../touched-traces.ts'
import { copyRows } from './copy.ts'
import { createAndLock, lockStored } from './create-and-lock.ts'
import { postgresDialect } from './dialect.ts'
import { type EncodedRow, inKeyOrder, RowEncoder } from './encoded-row.ts'
import { deleteStored, findStored, mayCopy, mayDelete, type Statement, tableName, upsertRows } from './statements.ts'
import type { PostgresTransactions } from './transactions.ts'

/** Below this many rows one INSERT is faster than COPY with its extra round trips (measured: docs/performance.md). */
const copyFromRows = 10

/**
 * How COPY is refused where INSERT … ON CONFLICT goes on. Rows without a trace lock nothing, and somebody may store rows
 * past our locks: a key came up after we had looked for it. And row-level security may begin to bind the role.
 */
const refusedCopies: ReadonlySet<string | undefined> = new Set(['23505', '0A000'])

type Connection = pg.PoolClient
type Encoded = Batch<EncodedRow>

/**
 * Stores batches in one transaction each: lock the touched traces, store the rows, recompute the traces.
 *
 * Traces are locked before anything else, inserted first where they are missing, always in the order of their keys: so
 * writers wait for each other, and for those who delete, but never in a circle. The recompute is a statement of its own, whose snapshot sees what
 * the writer that held the lock before has committed.
 *
 * COPY cannot replace a row. So the batch's keys are looked up while the locks are held (a trace that this transaction
 * created cannot hold any), stored versions that are older are deleted, rows that lost are left out, and the rest is
 * copied: faster than a staging table, which needs one more right and writes every row twice.
 */
export class PostgresSink implements Sink<EncodedRow>, RunSink {
  readonly maxConcurrency: number
  readonly bulkRows = 10_000
  readonly bulkBytes = 16 * 1024 * 1024
  readonly maxBatchBytes = Number.POSITIVE_INFINITY
  readonly #pool: PostgresTransactions
  readonly #method: WriteMethod
  readonly #refresh: RefreshStatement
  readonly #encoder = new RowEncoder()
  readonly #mayCopy = new Map<Entity, boolean>()
  #copyFrom: Promise<typeof copyFrom> | undefined

  constructor(pool: PostgresTransactions, method: WriteMethod = 'auto') {
    this.maxConcurrency = pool.maxWriters
    this.#pool = pool
    this.#method = method
    this.#refresh = refreshStatement(postgresDialect, tables, (query) => new PgDialect().sqlToQuery(query))
  }

  prepare(entity: Entity, row: AcceptedRow): EncodedRow {
    return this.#encoder.encode(entity, row)
  }

  free(rows: readonly EncodedRow[]): void {
    this.#encoder.free(rows)
  }

  write(batch: Encoded): Promise<SinkResult> {
    return bisect(batch, (part) => this.#orByInsert((method) => this.#store(part, method)))
  }

  /** Stores something by the writer's method, and where COPY is refused once more without it. */
  async #orByInsert<T>(store: (method: WriteMethod) => Promise<T>): Promise<T> {
    try {
      return await store(this.#method)
    } catch (error) {
      if (this.#method === 'insert' || !refusedCopies.has(driverCodeOf(error))) throw error
      // Whatever the next batch may, it asks again.
      this.#mayCopy.clear()
      return store('insert')
    }
  }

  #store(batch: Encoded, method: WriteMethod): Promise<SinkResult> {
    const { entity, rows } = batch
    return this.#pool.transaction(`write ${rows.length} rows of ${entity}`, async (connection) => {
      const traceIds = touchedTraces(batch)
      const existing = await createAndLock(connection, batch.projectId, traceIds)
      const superseded = (await this.#copies(connection, batch, method))
        ? await this.#copy(connection, batch, existing)
        : await this.#upsert(connection, batch)
      await this.#refreshTraces(connection, batch.projectId, traceIds)
      return { stored: rows.length - superseded.length, superseded, rejected: [] }
    })
  }

  replaceRuns(batch: RunBatch): Promise<RunResult> {
    return whilePrepared(this, batch, (runs) => this.#orByInsert((method) => this.#replaceRuns(runs, method)))
  }

  #replaceRuns(batch: RunBatch<EncodedRow>, method: WriteMethod): Promise<RunResult> {
    const { projectId, source, writtenAt } = batch
    return this.#pool.transaction(`write ${batch.traces.length} runs`, async (connection) => {
      const given = inLockOrder(batch.traces.map(({ leadingKey }) => leadingKey))
      const existing = await createAndLock(connection, projectId, given)
      const idsOf = async (text: string, last: string) => {
        const values = [projectId, postgresDialect.list([...existing]), last]
        const { rows } = await connection.query<[string]>({ text, values, rowMode: 'array' })
        return new Set(rows.map(([traceId]) => traceId))
      }
      const { traceIds, traces, spans, result } = selectRuns(batch, {
        newer: await idsOf(statements.newer, isoFromMicros(writtenAt)),
        others: await idsOf(statements.others, source),
      })

      await connection.query(statements.forgetSpans, [projectId, postgresDialect.list(traceIds), source])
      if (traces.length > 0) await this.#upsert(connection, { entity: 'traces', projectId, rows: traces })
      const spanBatch: Encoded = { entity: 'spans', projectId, rows: spans }
      if (await this.#copies(connection, spanBatch, method)) await this.#copy(connection, spanBatch, existing)
      else if (spans.length > 0) await this.#upsert(connection, spanBatch)
      await this.#refreshTraces(connection, projectId, traceIds)
      return result
    })
  }

  deleteTraces(projectId: string, traceIds: readonly string[]): Promise<number> {
    return this.#pool.transaction(`delete ${traceIds.length} traces`, async (connection) => {
      // A trace that comes to be from now on stays whole: only what is locked is deleted. Events have no part in it.
      const stored = postgresDialect.list(await lockStored(connection, projectId, traceIds))
      await connection.query(statements.deleteEvents, [projectId, postgresDialect.list(traceIds)])
      await connection.query(statements.deleteSpans, [projectId, stored])
      const { rowCount } = await connection.query(statements.deleteTraces, [projectId, stored])
      return rowCount ?? 0
    })
  }

  forgetSpans(projectId: string, traceIds: readonly string[], source: string): Promise<void> {
    return this.#pool.transaction(`replace the spans of ${traceIds.length} traces`, async (connection) => {
      const stored = await lockStored(connection, projectId, traceIds)
      await connection.query(statements.forgetSpans, [projectId, postgresDialect.list(stored), source])
      await this.#refreshTraces(connection, projectId, stored)
    })
  }

  async #copies(connection: Connection, { entity, rows }: Encoded, method: WriteMethod): Promise<boolean> {
    if (method === 'insert' || entity === 'traces' || (method === 'auto' && rows.length < copyFromRows)) return false
    const allowed = this.#mayCopy.get(entity) ?? (await isTrue(connection, mayCopy(entity)))
    this.#mayCopy.set(entity, allowed)
    return allowed
  }

  /** Stores rows by COPY; returns the indexes of those that lost. */
  async #copy(connection: Connection, batch: Encoded, existing: ReadonlySet<string>): Promise<readonly number[]> {
    const { entity } = batch
    const locked = decidesTraces(entity)
    const rows = locked ? batch.rows : inKeyOrder(entity, batch.rows)
    const asked = locked ? rows.filter(({ leadingKey }) => existing.has(leadingKey)) : rows
    const found = asked.length === 0 ? [] : (await connection.query<[number, boolean]>(findStored(entity, asked))).rows
    // Without locks, two writers that delete the same rows could wait in a circle.
    if (found.length > 0 && !(locked && (await isTrue(connection, mayDelete(entity))))) {
      return this.#upsert(connection, batch)
    }

    const rowAt = (number: number) => asked[number - 1] as EncodedRow
    const replaced = found.filter(([, newer]) => !newer).map(([number]) => rowAt(number))
    const lost = new Set(found.filter(([, newer]) => newer).map(([number]) => rowAt(number)))
    if (replaced.length > 0) await connection.query(deleteStored(entity, replaced))
    this.#copyFrom ??= loadCopyFrom()
    const kept = lost.size > 0 ? rows.filter((row) => !lost.has(row)) : rows
    await copyRows(connection, await this.#copyFrom, tableName(entity), entity, kept)
    return lost.size === 0 ? [] : batch.rows.flatMap((row, index) => (lost.has(row) ? [index] : []))
  }

  /** Stores rows by INSERT … ON CONFLICT; returns the indexes of those that lost. */
  async #upsert(connection: Connection, { entity, rows }: Encoded): Promise<readonly number[]> {
    const ordered = decidesTraces(entity) ? rows : inKeyOrder(entity, rows)
    const { rowCount } = await connection.query(upsertRows(entity, ordered))
    if (rowCount === rows.length) return []
    // What they lost to is locked as well, so that it is still there.
    const { rows: found } = await connection.query<[number, boolean]>(findStored(entity, rows))
    return found.filter(([, newer]) => newer).map(([number]) => number - 1)
  }

  async #refreshTraces(connection: Connection, projectId: string, traceIds: readonly string[]): Promise<void> {
    if (traceIds.length === 0) return
    const { text } = this.#refresh
    await connection.query({ name: 'tracehold_refresh', text, values: this.#refresh.values(projectId, traceIds) })
  }
}

const statements = runStatements(
  { traces: tableName('traces'), spans: tableName('spans'), events: tableName('events') },
  {
    parameter: (number) => `$${number}`,
    isInList: (column, number) => `${column} = any($${number}::text[])`,
    instant: (number) => `$${number}::timestamptz`,
  },
)

async function loadCopyFrom(): Promise<typeof copyFrom> {
  const { from } = await loadDriver(() => import('pg-copy-streams'), 'pg-copy-streams', 'pg-copy-streams')
  return from
}

async function isTrue(connection: Connection, question: Statement): Promise<boolean> {
  const { rows } = await connection.query<[boolean]>(question)
  return rows[0]?.[0] === true
}

const driverCodeOf = (error: unknown): string | undefined =>
  error instanceof StorageError && error.cause instanceof DriverError ? error.cause.driverCode : undefined
