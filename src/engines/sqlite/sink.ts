import { setImmediate } from 'node:timers/promises'
import { getTableName, type SQL } from 'drizzle-orm'
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core'
import {
  type AcceptedRow,
  columnSpecs,
  countedSpecs,
  type Entity,
  forEachEntity,
  storedSpecs,
} from '../../rows/accepted-row.ts'
import { bisect } from '../bisect.ts'
import { type DeletedTraces, type LooseEntity, membersOfTraces, noTraces } from '../deleted-rows.ts'
import { type RunBatch, type RunResult, runStatements, selectRuns } from '../runs.ts'
import { type Batch, type RowDeletes, type RunSink, type Sink, type SinkResult, whilePrepared } from '../sink.ts'
import { touchedTraces } from '../touched-traces.ts'
import { columnList, onConflict } from '../upsert.ts'
import { beginCommit, currentCommit } from './commits.ts'
import { sqliteDialect } from './dialect.ts'
import { type PreparedRowValues, prepareRow } from './prepared-row.ts'
import { tables } from './tables.ts'
import { TraceFold } from './trace-fold.ts'
import type { SqliteTransactions, SqliteWriter } from './transactions.ts'

/** How long a transaction may keep the event loop before it lets other work in, in milliseconds. */
const turnMs = 20
/** How many rows are stored between two looks at the clock. */
const rowsPerLook = 32
/** How many rows are deleted in one statement. */
const rowsPerDelete = 500
/** All that goes with a trace; the trace itself last. */
const wholeTrace = [...membersOfTraces, 'traces'] as const

/** Stores batches through prepared one-row statements, which is the fastest way into SQLite from JavaScript. */
export class SqliteSink implements Sink<PreparedRowValues>, RunSink, RowDeletes {
  readonly maxConcurrency = 1
  readonly bulkRows = 1_000
  readonly bulkBytes = 2 * 1024 * 1024
  // A commit writes its pages in one go, and keeps the event loop meanwhile.
  readonly maxBatchBytes = 2 * 1024 * 1024
  readonly #pool: SqliteTransactions

  constructor(pool: SqliteTransactions) {
    this.#pool = pool
  }

  prepare(entity: Entity, row: AcceptedRow): PreparedRowValues {
    return prepareRow(entity, row)
  }

  write(batch: Batch<PreparedRowValues>): Promise<SinkResult> {
    return bisect(batch, (part) => this.#store(part))
  }

  #store(batch: Batch<PreparedRowValues>): Promise<SinkResult> {
    const { entity, projectId, rows } = batch
    return this.#pool.transaction(`write ${rows.length} rows of ${entity}`, async (writer) => {
      beginCommit(writer, this.#pool.origin)
      const traceIds = touchedTraces(batch)
      const fold = new TraceFold(writer, projectId, this.#turns())
      if (entity === 'spans') return this.#storeSpans(writer, fold, traceIds, rows)
      if (entity === 'traces') {
        const superseded = await fold.write(rows)
        return { stored: rows.length - superseded.length, superseded, rejected: [], recounted: fold.recounted }
      }
      const upsert = writer.prepare(`${this.#insert(entity)} ${onConflict(entity, this.#table(entity))}`)
      const superseded: number[] = []
      await this.#each(rows, (row, index) => {
        if (upsert.run(bindable(entity, row), nothingCounted[entity]).changes === 0) superseded.push(index)
      })
      return { stored: rows.length - superseded.length, superseded, rejected: [] }
    })
  }

  async #storeSpans(
    writer: SqliteWriter,
    fold: TraceFold,
    traceIds: readonly string[],
    rows: readonly PreparedRowValues[],
  ): Promise<SinkResult> {
    // Everything is worked out before anything is written: in memory the one connection also reads.
    const lost = await fold.fold(traceIds, rows)
    await this.#each(traceIds, (traceId) => fold.create(traceId))
    const upsert = writer.prepare(`${this.#insert('spans')} ${onConflict('spans', this.#table('spans'))}`)
    const superseded: number[] = []
    await this.#each(rows, (row, index) => {
      if (lost.has(row)) superseded.push(index)
      else upsert.run(bindable('spans', row), fold.countedOf(row) ?? nothingCounted.spans)
    })
    await fold.end()
    return { stored: rows.length - superseded.length, superseded, rejected: [], recounted: fold.recounted }
  }

  replaceRuns(batch: RunBatch): Promise<RunResult> {
    return whilePrepared(this, batch, (runs) => this.#replaceRuns(runs))
  }

  #replaceRuns(batch: RunBatch<PreparedRowValues>): Promise<RunResult> {
    const { projectId, source, writtenAt } = batch
    return this.#pool.transaction(`write ${batch.traces.length} runs`, async (writer) => {
      beginCommit(writer, this.#pool.origin)
      const given = sqliteDialect.list(batch.traces.map(({ leadingKey }) => leadingKey))
      const statements = this.#runs
      const idsOf = (statement: string, last: unknown) =>
        new Set(writer.prepare(statement).pluck().all(projectId, given, last) as string[])
      const stored = { newer: idsOf(statements.newer, writtenAt), others: idsOf(statements.others, source) }
      const { traceIds, traces, spans, result } = selectRuns(batch, stored)

      writer.prepare(statements.forgetSpans).run(projectId, sqliteDialect.list(traceIds), source)
      const fold = new TraceFold(writer, projectId, this.#turns())
      await fold.write(traces, spans)
      const upsert = writer.prepare(`${this.#insert('spans')} ${onConflict('spans', this.#table('spans'))}`)
      await this.#each(spans, (row) => upsert.run(bindable('spans', row), fold.countedOf(row) ?? nothingCounted.spans))
      await fold.end()
      await fold.recount(traceIds.filter((traceId) => !fold.isFresh(traceId)))
      return result
    })
  }

  deleteTraces(projectId: string, traceIds: readonly string[], horizon?: number): Promise<DeletedTraces> {
    return this.#pool.transaction(`delete ${traceIds.length} traces`, async (writer) => {
      const deleted = { ...noTraces }
      const takeTurn = this.#turns()
      const fold = new TraceFold(writer, projectId, takeTurn)
      for (const traceId of traceIds) {
        if (horizon !== undefined && this.#isNewer(writer, projectId, traceId, horizon)) continue
        fold.forget(traceId)
        for (const entity of wholeTrace) {
          const rows = this.#deleting(writer, entity, 'project_id = ? and trace_id = ?')
          for (let changes = rowsPerDelete; changes === rowsPerDelete; deleted[entity] += changes) {
            changes = rows.run(projectId, traceId, rowsPerDelete).changes
            await takeTurn()
          }
        }
      }
      return deleted
    })
  }

  deleteRows(_projectId: string, entity: LooseEntity, where: SQL, atMost: number): Promise<number> {
    const { sql, params } = dialect.sqlToQuery(where)
    return this.#pool.transaction(`delete rows of ${entity}`, async (writer) => {
      const rows = this.#deleting(writer, entity, sql)
      const takeTurn = this.#turns()
      let deleted = 0
      while (deleted < atMost) {
        const most = Math.min(rowsPerDelete, atMost - deleted)
        const { changes } = rows.run(...params, most)
        deleted += changes
        if (changes < most) break
        await takeTurn()
      }
      return deleted
    })
  }

  /** Whether something of a trace was stored from a transaction on. */
  #isNewer(writer: SqliteWriter, projectId: string, traceId: string, horizon: number): boolean {
    return wholeTrace.some((entity) => {
      const condition = 'project_id = ? and trace_id = ? and commit_seq >= ?'
      return writer.prepare(`select 1 from ${this.#table(entity)} where ${condition}`).get(projectId, traceId, horizon)
    })
  }

  /** Deletes as many rows that fit as the last parameter says. */
  #deleting(writer: SqliteWriter, entity: Entity, condition: string) {
    const table = this.#table(entity)
    return writer.prepare(`delete from ${table} where rowid in (select rowid from ${table} where ${condition} limit ?)`)
  }

  recountTraces(projectId: string, traceIds: readonly string[]): Promise<void> {
    return this.#pool.transaction(`count ${traceIds.length} traces`, async (writer) => {
      beginCommit(writer, this.#pool.origin)
      await new TraceFold(writer, projectId, this.#turns()).recount(traceIds)
    })
  }

  forgetSpans(projectId: string, traceIds: readonly string[], source: string): Promise<void> {
    return this.#pool.transaction(`replace the spans of ${traceIds.length} traces`, async (writer) => {
      beginCommit(writer, this.#pool.origin)
      writer.prepare(this.#runs.forgetSpans).run(projectId, sqliteDialect.list(traceIds), source)
      await new TraceFold(writer, projectId, this.#turns()).recount(traceIds)
    })
  }

  get #runs() {
    const tables = { traces: this.#table('traces'), spans: this.#table('spans'), events: this.#table('events') }
    return runStatements(tables, {
      // By their order, in which every statement names them.
      parameter: () => '?',
      isInList: (column) => `${column} in (select value from json_each(?))`,
      instant: () => '?',
    })
  }

  /** Does `work` for each item and lets the event loop turn now and then. The transaction stays open meanwhile. */
  async #each<T>(items: readonly T[], work: (item: T, index: number) => void): Promise<void> {
    const takeTurn = this.#turns()
    for (let i = 0; i < items.length; i += 1) {
      work(items[i] as T, i)
      if (i % rowsPerLook === 0) await takeTurn()
    }
  }

  /** What lets the event loop turn, when it was kept for long enough. */
  #turns(): () => Promise<void> {
    let turnEnds = performance.now() + turnMs
    return async () => {
      if (performance.now() <= turnEnds) return
      await this.#pause()
      turnEnds = performance.now() + turnMs
    }
  }

  #pause(): Promise<void> | undefined {
    // In memory the one connection also reads: a pause would show it a half-written batch.
    return this.#pool.isShared ? undefined : setImmediate()
  }

  #table(entity: Entity): string {
    return `"${getTableName(tables[entity])}"`
  }

  #insert(entity: Entity): string {
    const marks = storedSpecs[entity].map(() => '?').join(', ')
    return `insert into ${this.#table(entity)} (${columnList(entity)}, commit_seq) values (${marks}, ${currentCommit})`
  }
}

const nothingCounted = forEachEntity((entity) => countedSpecs[entity].map(() => null))

const dialect = new SQLiteSyncDialect()

const hasBooleans = (entity: Entity) => columnSpecs[entity].some((spec) => spec.type === 'bool')

/** SQLite has no booleans, and its driver takes none. */
function bindable(entity: Entity, row: AcceptedRow): readonly unknown[] {
  if (!hasBooleans(entity)) return row.values
  return row.values.map((value) => (typeof value === 'boolean' ? Number(value) : value))
}
