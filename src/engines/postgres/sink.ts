import type { SQL } from 'drizzle-orm'
import type pg from 'pg'
import type { from as copyFrom } from 'pg-copy-streams'
import { isoFromMicros } from '../../../schema/time.ts'
import { DriverError } from '../../driver-errors/driver-error.ts'
import { StorageError } from '../../errors.ts'
import type { AcceptedRow, Entity } from '../../rows/accepted-row.ts'
import { bisect } from '../bisect.ts'
import type { DeletedTraces, LooseEntity } from '../deleted-rows.ts'
import type { StoredSpan } from '../fold-trace.ts'
import { inLockOrder } from '../lock-order.ts'
import { type RunBatch, type RunResult, runStatements, selectRuns } from '../runs.ts'
import {
  type Batch,
  type RowDeletes,
  type RunSink,
  type Sink,
  type SinkResult,
  type WriteMethod,
  whilePrepared,
} from '../sink.ts'
import { decidesTraces, touchedTraces } from '../touched-traces.ts'
import { copyRows } from './copy.ts'
import { lockStored } from './create-and-lock.ts'
import { postgresDialect } from './dialect.ts'
import { loadCopyStreams } from './drivers.ts'
import { type EncodedRow, inKeyOrder, RowEncoder } from './encoded-row.ts'
import { removePendingOfTraces } from './fold-statements.ts'
import type { KnownTraces } from './known-traces.ts'
import {
  deleteOfTraces,
  deleteStored,
  deleteWhere,
  findStored,
  mayCopy,
  mayDelete,
  type Statement,
  tableName,
  upsertRows,
  writtenSince,
} from './statements.ts'
import { TraceFold } from './trace-fold.ts'
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
export class PostgresSink implements Sink<EncodedRow>, RunSink, RowDeletes {
  readonly maxConcurrency: number
  readonly bulkRows = 10_000
  readonly bulkBytes = 16 * 1024 * 1024
  readonly maxBatchBytes = Number.POSITIVE_INFINITY
  readonly #pool: PostgresTransactions
  readonly #method: WriteMethod
  readonly #encoder = new RowEncoder()
  readonly #known: KnownTraces | undefined
  readonly #mayCopy = new Map<Entity, boolean>()
  #copyFrom: Promise<typeof copyFrom> | undefined

  /** @param known traces that are likely to be stored, as all sinks of a pool have seen them */
  constructor(pool: PostgresTransactions, method: WriteMethod = 'auto', known?: KnownTraces) {
    this.maxConcurrency = pool.maxWriters
    this.#pool = pool
    this.#method = method
    this.#known = known
  }

  prepare(entity: Entity, row: AcceptedRow): EncodedRow {
    return entity === 'traces' ? this.#encoder.keep(entity, row) : this.#encoder.encode(entity, row)
  }

  free(rows: readonly EncodedRow[]): void {
    this.#encoder.free(rows)
  }

  write(batch: Encoded): Promise<SinkResult> {
    return bisect(batch, (part) => this.#orByInsert((method, isRefused) => this.#store(part, method, isRefused)))
  }

  /** Stores something by the writer's method, and where COPY is refused once more without it. */
  async #orByInsert<T>(store: (method: WriteMethod, isRefused: boolean) => Promise<T>): Promise<T> {
    try {
      return await store(this.#method, false)
    } catch (error) {
      if (this.#method === 'insert' || !refusedCopies.has(driverCodeOf(error))) throw error
      // Whatever the next batch may, it asks again.
      this.#mayCopy.clear()
      return store('insert', true)
    }
  }

  #store(batch: Encoded, method: WriteMethod, isRefused: boolean): Promise<SinkResult> {
    const { entity, projectId, rows } = batch
    return this.#pool.transaction(`write ${rows.length} rows of ${entity}`, async (connection) => {
      const traceIds = touchedTraces(batch)
      const fold = new TraceFold(connection, projectId, this.#known)
      if (entity === 'spans') return this.#storeSpans(connection, fold, batch, traceIds, { method, isRefused })
      if (entity === 'traces') {
        const superseded = await fold.write(traceIds, rows)
        return { stored: rows.length - superseded.length, superseded, rejected: [], recounted: fold.recounted }
      }
      const superseded = (await this.#copies(connection, { entity, rows }, method))
        ? await this.#copy(connection, entity, rows)
        : await this.#upsert(connection, entity, rows)
      return { stored: rows.length - superseded.length, superseded, rejected: [] }
    })
  }

  /**
   * Stores spans and brings their traces up to date.
   *
   * @param isRefused whether the server has refused to copy them: then what is stored may not be what was thought
   */
  async #storeSpans(
    connection: Connection,
    fold: TraceFold,
    batch: Encoded,
    traceIds: readonly string[],
    { method, isRefused }: { method: WriteMethod; isRefused: boolean },
  ): Promise<SinkResult> {
    const { rows } = batch
    await fold.begin(traceIds, rows)
    const stored = await fold.fold(rows)
    const superseded = rows.flatMap((row, index) => (isNewer(stored.get(row.key), row) ? [index] : []))
    const lost = new Set(superseded.map((index) => rows[index]))
    const kept = fold.withCounted(lost.size > 0 ? rows.filter((row) => !lost.has(row)) : rows)
    const keptBatch = { ...batch, rows: kept }
    if (kept.length > 0) {
      const replaced = kept.filter(({ key }) => stored.has(key))
      const copies = await this.#copies(connection, keptBatch, method)
      if (copies && (replaced.length === 0 || (await isTrue(connection, mayDelete('spans'))))) {
        if (replaced.length > 0) await connection.query(deleteStored('spans', replaced))
        await this.#copyRows(connection, 'spans', kept)
      } else {
        const { rowCount } = await connection.query(upsertRows('spans', kept))
        // Somebody stores spans past our locks.
        if (isRefused || rowCount !== kept.length) fold.distrust(traceIds)
      }
    }
    await fold.end()
    return { stored: kept.length, superseded, rejected: [], recounted: fold.recounted }
  }

  replaceRuns(batch: RunBatch): Promise<RunResult> {
    return whilePrepared(this, batch, (runs) => this.#orByInsert((method) => this.#replaceRuns(runs, method)))
  }

  #replaceRuns(batch: RunBatch<EncodedRow>, method: WriteMethod): Promise<RunResult> {
    const { projectId, source, writtenAt } = batch
    return this.#pool.transaction(`write ${batch.traces.length} runs`, async (connection) => {
      const given = inLockOrder(batch.traces.map(({ leadingKey }) => leadingKey))
      const fold = new TraceFold(connection, projectId, this.#known)
      await fold.begin(given, [])
      const existing = [...fold.existing.keys()]
      const idsOf = async (text: string, last: string) => {
        const values = [projectId, postgresDialect.list(existing), last]
        const { rows } = await connection.query<[string]>({ text, values, rowMode: 'array' })
        return new Set(rows.map(([traceId]) => traceId))
      }
      const { traceIds, traces, spans, result } = selectRuns(batch, {
        newer: await idsOf(statements.newer, isoFromMicros(writtenAt)),
        others: await idsOf(statements.others, source),
      })

      await connection.query(statements.forgetSpans, [projectId, postgresDialect.list(traceIds), source])
      await fold.author(traces, spans)
      const counted = fold.withCounted(spans)
      if (spans.length > 0) {
        // Nothing but older spans of the same source was there, and they are gone.
        if (await this.#copies(connection, { entity: 'spans', rows: counted }, method)) {
          await this.#copyRows(connection, 'spans', counted)
        } else await this.#upsert(connection, 'spans', counted)
      }
      await fold.end()
      // Those that this transaction created are what their spans and their author say already.
      await fold.recount(traceIds.filter((traceId) => fold.existing.has(traceId)))
      return result
    })
  }

  deleteTraces(projectId: string, traceIds: readonly string[], horizon?: number): Promise<DeletedTraces> {
    return this.#pool.transaction(`delete ${traceIds.length} traces`, async (connection) => {
      // A trace that comes to be from now on stays whole: of those only what is locked is deleted. The rest has no part
      // in it.
      let locked = [...(await lockStored(connection, projectId, inLockOrder(traceIds))).keys()]
      let given = traceIds
      if (horizon !== undefined) {
        const values = [projectId, postgresDialect.list(traceIds), horizon]
        const { rows } = await connection.query<{ trace_id: string }>(writtenSince, values)
        const isNewer = new Set(rows.map(({ trace_id }) => trace_id))
        ;[locked, given] = [locked, given].map((ids) => ids.filter((id) => !isNewer.has(id))) as [string[], string[]]
      }
      const [all, stored] = [given, locked].map((ids) => postgresDialect.list(ids))
      const deleting = async (text: string, list: string | undefined) =>
        (await connection.query(text, [projectId, list])).rowCount ?? 0
      // Nobody locks a trace to store a row that only names it: one may have come since.
      const before = horizon === undefined ? '' : ` and commit_seq < '${horizon}'::xid8`
      const events = await deleting(`${statements.deleteEvents}${before}`, all)
      const spans = await deleting(statements.deleteSpans, stored)
      const results = await deleting(deleteOfTraces('results', before), all)
      const logs = await deleting(deleteOfTraces('logs', before), all)
      await connection.query(removePendingOfTraces(projectId, locked, true))
      return { traces: await deleting(statements.deleteTraces, stored), spans, events, results, logs }
    })
  }

  deleteRows(_projectId: string, entity: LooseEntity, where: SQL, atMost: number): Promise<number> {
    const statement = deleteWhere(entity, where, atMost)
    return this.#pool.transaction(
      `delete rows of ${entity}`,
      async (connection) => (await connection.query(statement)).rowCount ?? 0,
    )
  }

  recountTraces(projectId: string, traceIds: readonly string[]): Promise<void> {
    return this.#pool.transaction(`count ${traceIds.length} traces`, async (connection) => {
      const fold = new TraceFold(connection, projectId)
      const stored = [...(await lockStored(connection, projectId, inLockOrder(traceIds))).keys()]
      const { rows } = await connection.query<[string]>({
        text: statements.withSpans,
        values: [projectId, postgresDialect.list(traceIds)],
        rowMode: 'array',
      })
      // One that has spans and no row gets one.
      const missing = rows.map(([traceId]) => traceId).filter((traceId) => !stored.includes(traceId))
      await fold.begin(inLockOrder(missing), [])
      stored.push(...missing)
      await fold.recount(stored)
    })
  }

  forgetSpans(projectId: string, traceIds: readonly string[], source: string): Promise<void> {
    return this.#pool.transaction(`replace the spans of ${traceIds.length} traces`, async (connection) => {
      const stored = [...(await lockStored(connection, projectId, traceIds)).keys()]
      await connection.query(statements.forgetSpans, [projectId, postgresDialect.list(stored), source])
      await new TraceFold(connection, projectId).recount(stored)
    })
  }

  async #copies(
    connection: Connection,
    { entity, rows }: Pick<Encoded, 'entity' | 'rows'>,
    method: WriteMethod,
  ): Promise<boolean> {
    if (method === 'insert' || (method === 'auto' && rows.length < copyFromRows)) return false
    const allowed = this.#mayCopy.get(entity) ?? (await isTrue(connection, mayCopy(entity)))
    this.#mayCopy.set(entity, allowed)
    return allowed
  }

  /** Stores rows by COPY where their keys are not there yet; returns the indexes of those that lost. */
  async #copy(
    connection: Connection,
    entity: Exclude<Entity, 'traces'>,
    given: readonly EncodedRow[],
  ): Promise<readonly number[]> {
    const rows = inKeyOrder(entity, given)
    const { rows: found } = await connection.query<[number, boolean]>(findStored(entity, rows))
    // Without locks, two writers that delete the same rows could wait in a circle.
    if (found.length > 0) return this.#upsert(connection, entity, given)
    await this.#copyRows(connection, entity, rows)
    return []
  }

  async #copyRows(connection: Connection, entity: Entity, rows: readonly EncodedRow[]): Promise<void> {
    this.#copyFrom ??= loadCopyFrom()
    await copyRows(connection, await this.#copyFrom, tableName(entity), entity, rows)
  }

  /** Stores rows by INSERT … ON CONFLICT; returns the indexes of those that lost. */
  async #upsert(
    connection: Connection,
    entity: Exclude<Entity, 'traces'>,
    rows: readonly EncodedRow[],
  ): Promise<readonly number[]> {
    const ordered = decidesTraces(entity) ? rows : inKeyOrder(entity, rows)
    const { rowCount } = await connection.query(upsertRows(entity, ordered))
    if (rowCount === rows.length) return []
    // What they lost to is locked as well, so that it is still there.
    const { rows: found } = await connection.query<[number, boolean]>(findStored(entity, rows))
    return found.filter(([, newer]) => newer).map(([number]) => number - 1)
  }
}

/** Whether what is stored of a span wins over the row. */
const isNewer = (stored: StoredSpan | undefined, { facts }: EncodedRow): boolean =>
  stored !== undefined && facts !== undefined && stored.facts.writtenAt > facts.writtenAt

const statements = runStatements(
  { traces: tableName('traces'), spans: tableName('spans'), events: tableName('events') },
  {
    parameter: (number) => `$${number}`,
    isInList: (column, number) => `${column} = any($${number}::text[])`,
    instant: (number) => `$${number}::timestamptz`,
  },
)

async function loadCopyFrom(): Promise<typeof copyFrom> {
  return (await loadCopyStreams()).from
}

async function isTrue(connection: Connection, question: Statement): Promise<boolean> {
  const { rows } = await connection.query<[boolean]>(question)
  return rows[0]?.[0] === true
}

const driverCodeOf = (error: unknown): string | undefined =>
  error instanceof StorageError && error.cause instanceof DriverError ? error.cause.driverCode : undefined
