import { randomUUID } from 'node:crypto'
import type { SQL } from 'drizzle-orm'
import type { RejectedRow } from '../../errors.ts'
import type { AcceptedRow, Entity } from '../../rows/accepted-row.ts'
import { bisect } from '../bisect.ts'
import type { DeletedTraces, LooseEntity } from '../deleted-rows.ts'
import { inLockOrder } from '../lock-order.ts'
import { type RunBatch, type RunResult, selectRuns } from '../runs.ts'
import { type Batch, type RowDeletes, type RunSink, type Sink, type SinkResult, whilePrepared } from '../sink.ts'
import { touchedTraces } from '../touched-traces.ts'
import { BlockEncoder, type BlockRow, encodeRows } from './block-rows.ts'
import { deduplicationToken } from './deduplication-token.ts'
import { Deletes } from './deletes.ts'
import { GrowingTraces } from './growing-traces.ts'
import { insertTargets } from './insert-target.ts'
import { byPartitions } from './partitions.ts'
import { ofTouched, refreshStatement, versionAndBounds } from './recompute.ts'
import { Shares } from './shares.ts'
import type { ClickHouseStatements } from './statements.ts'
import { findSuperseded } from './superseded.ts'
import { timesOf, traceTimes } from './trace-times.ts'

/** How many traces one statement works out, which holds their spans in memory. */
const tracesPerRefresh = 2_000

const refresh = refreshStatement()
const refreshAfterDelete = refreshStatement(true)
const newer = `select trace_id from authored_traces where ${ofTouched} and part = ''
  and written_at > fromUnixTimestamp64Micro({p2:Int64})`
const others = `select distinct trace_id from spans where ${ofTouched}
  and ifNull(JSONExtractString(scope, 'name'), '') <> {p2:String}`

/**
 * Stores batches, each in one insert, and works out afterwards the trace rows that it touches.
 *
 * There are no transactions and no locks, so each step may be repeated and no step loses what another writer did. Rows
 * have their stamp, and the higher one wins when they are read. An insert that is tried again has the same token, and the
 * server leaves it out. A trace row is worked out from everything that is stored, after the batch is, with a version that the
 * server's clock gave before: of two such rows the later one has seen the batches of both.
 */
export class ClickHouseSink implements Sink<BlockRow>, RunSink, RowDeletes {
  readonly maxConcurrency: number
  // A statement costs a tenth of a second before it reads a row, and each insert makes parts that are merged later; but
  // four of these wait, in 300 MB of memory. Three whole blocks each.
  readonly bulkRows = 12_288
  readonly bulkBytes = 32 * 1024 * 1024
  readonly maxBatchBytes = Number.POSITIVE_INFINITY
  readonly #pool: ClickHouseStatements
  readonly #deletes: Deletes
  readonly #shares: Shares
  readonly #growing: GrowingTraces
  readonly #encoder = new BlockEncoder()
  readonly #insertSettings: Readonly<Record<string, number>>
  /** Names of what is being sent. Who tries again hands over the same rows, or the same runs. */
  readonly #sendings = new WeakMap<object, string>()

  /** @param onLate called when the rows of some traces were worked out after their spans were stored */
  constructor(pool: ClickHouseStatements, onLate: (projectId: string, traceIds: readonly string[]) => void = () => {}) {
    this.#pool = pool
    this.#growing = new GrowingTraces(async (projectId, traceIds) => {
      await this.#refresh(projectId, traceIds)
      onLate(projectId, traceIds)
    })
    this.#deletes = new Deletes(pool)
    this.#shares = new Shares(pool)
    this.#insertSettings = {
      // A batch holds no key twice: nothing is to be merged in it.
      optimize_on_insert: 0,
      // What is worked out next must see the rows: they are waited for.
      ...(pool.asyncInsert && { async_insert: 1, wait_for_async_insert: 1, async_insert_deduplicate: 1 }),
    }
    this.maxConcurrency = pool.maxConnections
  }

  prepare(entity: Entity, row: AcceptedRow): BlockRow {
    return this.#encoder.encode(entity, row)
  }

  free(rows: readonly BlockRow[]): void {
    this.#encoder.free(rows)
  }

  async write(batch: Batch<BlockRow>): Promise<SinkResult> {
    const superseded = await findSuperseded(this.#pool, batch)
    const sending = this.#sendingOf(batch.rows)
    const rejected: RejectedRow[] = []
    for (const indexes of byPartitions(batch.rows)) {
      const result = await bisect({ ...batch, rows: rowsAt(batch.rows, indexes) }, async (part) => {
        await this.#insert(part, sending)
        return { stored: part.rows.length, superseded: [], rejected: [] }
      })
      rejected.push(...result.rejected.map((row) => ({ ...row, index: indexes[row.index] ?? row.index })))
    }
    const touched = touchedTraces(batch)
    // What an author says of a trace shows at once.
    await this.#refresh(batch.projectId, batch.entity === 'spans' ? this.#growing.due(batch, touched) : touched)
    return settled(batch.rows.length, superseded, rejected)
  }

  replaceRuns(batch: RunBatch): Promise<RunResult> {
    return whilePrepared(this, batch, (runs) => this.#replaceRuns(runs, this.#sendingOf(batch)))
  }

  async #replaceRuns(batch: RunBatch<BlockRow>, sending: string): Promise<RunResult> {
    const { projectId, source, writtenAt } = batch
    const given = inLockOrder(batch.traces.map(({ leadingKey }) => leadingKey))
    const idsOf = async (statement: string, last: string | number) =>
      new Set((await this.#pool.rows(statement, [projectId, given, last])).map(([traceId]) => traceId as string))
    const [isNewer, hasOthers] = await Promise.all([idsOf(newer, writtenAt), idsOf(others, source)])
    const { traceIds, traces, spans, result } = selectRuns(batch, { newer: isNewer, others: hasOthers })
    for (const indexes of byPartitions(spans)) {
      await this.#insert({ entity: 'spans', projectId, rows: rowsAt(spans, indexes) }, sending)
    }
    await this.#insert({ entity: 'traces', projectId, rows: traces }, sending)
    // After the new ones are there, and older ones only: so all of it may be repeated.
    await this.#deletes.spansOfSource(projectId, traceIds, source, writtenAt)
    await this.#refresh(projectId, traceIds)
    return result
  }

  async deleteTraces(projectId: string, traceIds: readonly string[], horizon?: number): Promise<DeletedTraces> {
    const deleted = await this.#deletes.traces(projectId, traceIds, horizon)
    const written = await this.#deletes.writtenMeanwhile(projectId, traceIds)
    await this.#refresh(projectId, written)
    // With a horizon what came since is a reason to stay, and without one a new trace.
    return horizon === undefined ? deleted : { ...deleted, traces: Math.max(0, deleted.traces - written.length) }
  }

  deleteRows(_projectId: string, entity: LooseEntity, where: SQL): Promise<number> {
    return this.#deletes.rows(entity, where)
  }

  async recountTraces(projectId: string, traceIds: readonly string[]): Promise<void> {
    await this.#refresh(projectId, traceIds, refreshAfterDelete)
  }

  async forgetSpans(projectId: string, traceIds: readonly string[], source: string): Promise<void> {
    await this.#deletes.spansOfSource(projectId, traceIds, source)
    await this.#refresh(projectId, traceIds, refreshAfterDelete)
  }

  #sendingOf(handedOver: object): string {
    const sending = this.#sendings.get(handedOver) ?? randomUUID()
    this.#sendings.set(handedOver, sending)
    return sending
  }

  /** Stores rows, in as many partitions as one insert may touch. */
  async #insert(batch: Batch<BlockRow>, sending: string): Promise<void> {
    if (batch.rows.length === 0) return
    const { entity, rows } = batch
    const during = `write ${rows.length} rows of ${entity}`
    const { table, columns } = insertTargets[entity]
    const settings = { ...this.#insertSettings, insert_deduplication_token: deduplicationToken(batch, sending) }
    const names = columns.map(({ name }) => name)
    const inserts = [this.#pool.insertBinary(table, names, encodeRows(rows), { during, settings })]
    if (entity === 'spans') {
      const names = traceTimes.columns.map(({ name }) => name)
      inserts.push(this.#pool.insertBinary(traceTimes.table, names, timesOf(batch).encode(), { during, settings }))
    }
    // All have ended before a failure is thrown: a second try must not run beside the first.
    for (const result of await Promise.allSettled(inserts)) if (result.status === 'rejected') throw result.reason
  }

  settle(): Promise<void> {
    return this.#growing.settle()
  }

  async #refresh(projectId: string, traceIds: readonly string[], statement = refresh): Promise<void> {
    const time = performance.now()
    for (let at = 0; at < traceIds.length; at += tracesPerRefresh) {
      const ids = traceIds.slice(at, at + tracesPerRefresh)
      // Before the statement looks: whoever has a higher version has then seen at least as much.
      const lookAt = async () => (await this.#pool.rows(versionAndBounds, [projectId, ids]))[0] ?? []
      let [version, from, to] = await lookAt()
      const hasShares = await this.#shares.bringUpToDate({
        projectId,
        traceIds: ids,
        from: Number(from),
        to: Number(to),
      })
      // What was stored meanwhile is to be seen by the row that wins.
      if (hasShares) [version, from, to] = await lookAt()
      const params = { p0: projectId, p1: ids, p2: version, p3: from, p4: to }
      await this.#pool.command(statement, { during: `work out ${ids.length} traces`, params })
    }
    this.#growing.refreshed(projectId, traceIds, time)
  }
}

const rowsAt = (rows: readonly BlockRow[], indexes: readonly number[]): readonly BlockRow[] =>
  indexes.length === rows.length ? rows : indexes.map((index) => rows[index] as BlockRow)

/** A row that is refused may be one that would have lost. */
function settled(rows: number, superseded: readonly number[], rejected: readonly RejectedRow[]): SinkResult {
  const refused = new Set(rejected.map(({ index }) => index))
  const lost = superseded.filter((index) => !refused.has(index))
  return { stored: rows - refused.size - lost.length, superseded: lost, rejected }
}
