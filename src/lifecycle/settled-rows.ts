import { and, type Column, eq, gte, lt, type SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { storageError } from '../driver-errors/storage-error.ts'
import type { CommitPoint } from '../engines/commit-order.ts'
import { type DeletedTraces, membersOfTraces } from '../engines/deleted-rows.ts'
import type { EngineSink } from '../engines/sink.ts'
import type { PoolScope } from '../repositories/read-scope.ts'
import type { ArchivedKind } from '../row-pages/archive-part.ts'
import { inBatches, type SizedTrace } from './in-batches.ts'
import { unhurried } from './unhurried.ts'
import { UsageKeeper } from './usage-keeper.ts'

/** Rows that are archived without a trace. */
export type LooseKind = Exclude<ArchivedKind, 'traces'>

type TraceEntity = 'traces' | (typeof membersOfTraces)[number]

const pageTraces = 1_000
/** Rows that one statement names to delete them. */
const namedRows = 1_000

/** Rows that were stored before a moment, and deletes of nothing else: what comes later has not been read. */
export class SettledRows {
  readonly #scope: PoolScope
  readonly #sink: EngineSink
  readonly #signal: AbortSignal
  readonly #keeper: UsageKeeper
  readonly #keepsUsage: boolean

  /** @param keepsUsage whether what deleted traces used is kept */
  constructor(scope: PoolScope, sink: EngineSink, signal: AbortSignal, keepsUsage: boolean) {
    this.#scope = scope
    this.#sink = sink
    this.#signal = signal
    this.#keeper = new UsageKeeper(scope, sink, signal)
    this.#keepsUsage = keepsUsage
  }

  /** Deletes what is left of traces whose usage is kept. */
  finish(onDeleted: (rows: DeletedTraces) => void): Promise<void> {
    return this.#keeper.finish(onDeleted)
  }

  /** Which of some traces got something since the moment. */
  async writtenSince(traces: readonly SizedTrace[], point: CommitPoint): Promise<ReadonlySet<string>> {
    const { tables } = this.#scope.pool
    const found = new Set<string>()
    for (const entity of ['traces', ...membersOfTraces] as const) {
      const { traceId, commitSeq } = tables[entity]
      const since = gte(commitSeq as Column, this.#commit(point))
      const rows = await this.#named(entity, { id: traceId as Column as PgColumn }, traces, since)
      for (const { id } of rows) found.add(String(id))
    }
    return found
  }

  /** Which of some traces are there still, as they were before the moment. */
  async stored(traceIds: readonly string[], point: CommitPoint): Promise<SizedTrace[]> {
    const { traceId, spanCount, commitSeq } = this.#scope.pool.tables.traces
    const columns = { id: traceId as Column as PgColumn, count: spanCount as Column as PgColumn }
    const rows = await this.#named(
      'traces',
      columns,
      traceIds.map((id) => ({ traceId: id })),
      lt(commitSeq as Column, this.#commit(point)),
    )
    const untimed = { startTime: '', endTime: null }
    return rows.map(({ id, count }) => ({ ...untimed, traceId: String(id), spanCount: Number(count) }))
  }

  /** Deletes traces with all that belongs to them, in batches. Of each it tells the rows, and how many traces stayed. */
  async *deleteTraces(
    traces: readonly SizedTrace[],
    { horizon }: CommitPoint,
  ): AsyncGenerator<{ rows: DeletedTraces; kept: number }, void, undefined> {
    const { pool, projectId } = this.#scope
    for await (const batch of inBatches(traces, this.#sink.bulkRows)) {
      const ids = batch.map(({ traceId }) => traceId)
      const remove = () => unhurried(pool, this.#signal, () => this.#sink.deleteTraces(projectId, ids, horizon))
      const rows = await (this.#keepsUsage ? this.#keeper.whileKept(ids, remove) : remove())
      yield { rows, kept: Math.max(0, ids.length - rows.traces) }
    }
  }

  /** Deletes rows by their ids, in batches. Of each it tells how many there were. */
  async *deleteRows(
    entity: LooseKind,
    ids: readonly string[],
    point: CommitPoint,
    more?: SQL,
  ): AsyncGenerator<number, void, undefined> {
    const { pool, projectId } = this.#scope
    const { logs, results, metricPoints } = pool.tables
    const id = { logs: logs.logId, results: results.resultId, metricPoints: metricPoints.pointId }[entity] as Column
    const { projectId: project, commitSeq } = pool.tables[entity]
    const isStored = and(eq(project as Column, projectId), lt(commitSeq as Column, this.#commit(point)), more)
    for (let from = 0; from < ids.length; from += namedRows) {
      const named = ids.slice(from, from + namedRows)
      const where = and(isStored, pool.dialect.isInList(id, pool.dialect.list(named))) as SQL
      yield await unhurried(pool, this.#signal, () => this.#sink.deleteRows(projectId, entity, where, named.length))
    }
  }

  /** Columns of rows that belong to some traces, without repetition. */
  async #named(
    entity: TraceEntity,
    columns: Record<string, PgColumn>,
    traces: readonly Pick<SizedTrace, 'traceId'>[],
    more?: SQL,
  ): Promise<Record<string, unknown>[]> {
    const { projectId } = this.#scope
    const { primary: pool } = this.#scope.pool
    const { projectId: project, traceId } = pool.tables[entity]
    const found: Record<string, unknown>[] = []
    for (let from = 0; from < traces.length; from += pageTraces) {
      const ids = traces.slice(from, from + pageTraces).map((trace) => trace.traceId)
      const isNamed = pool.dialect.isInList(traceId as Column, pool.dialect.list(ids))
      const query = pool.db
        .selectDistinct(columns)
        .from(pool.tables[entity] as unknown as PgTable)
        .where(and(eq(project as Column, projectId), isNamed, more))
      try {
        found.push(...(await query))
      } catch (error) {
        throw storageError(error, `look for rows of ${entity} to archive`)
      }
    }
    return found
  }

  #commit({ horizon }: CommitPoint): SQL {
    return this.#scope.pool.dialect.commit(horizon)
  }
}
