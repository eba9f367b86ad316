import { setImmediate } from 'node:timers/promises'
import { getTableName, type SQL } from 'drizzle-orm'
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core'
import {
  type AcceptedRow,
  type ColumnSpec,
  columnSpecs,
  type Entity,
  forEachEntity,
  storedSpecs,
  type Value,
} from '../../rows/accepted-row.ts'
import { bisect } from '../bisect.ts'
import { type DeletedTraces, type LooseEntity, membersOfTraces, noTraces } from '../deleted-rows.ts'
import { type RunBatch, type RunResult, runStatements, selectRuns } from '../runs.ts'
import { type Batch, type RowDeletes, type RunSink, type Sink, type SinkResult, whilePrepared } from '../sink.ts'
import { touchedTraces } from '../touched-traces.ts'
import { onConflict } from '../upsert.ts'
import { beginCommit } from './commits.ts'
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
      const commit = beginCommit(writer, this.#pool.origin)
      const traceIds = touchedTraces(batch)
      const fold = new TraceFold(writer, projectId, this.#turns())
      if (entity === 'spans') return this.#storeSpans(upserting(writer, 'spans', commit), fold, traceIds, rows)
      if (entity === 'traces') {
        const superseded = await fold.write(rows)
        return { stored: rows.length - superseded.length, superseded, rejected: [], recounted: fold.recounted }
      }
      const upsert = upserting(writer, entity, commit)
      const superseded: number[] = []
      await this.#each(rows, (row, index) => {
        if (!upsert(row)) superseded.push(index)
      })
      return { stored: rows.length - superseded.length, superseded, rejected: [] }
    })
  }

  async #storeSpans(
    upsert: Upsert,
    fold: TraceFold,
    traceIds: readonly string[],
    rows: readonly PreparedRowValues[],
  ): Promise<SinkResult> {
    // Everything is worked out before anything is written: in memory the one connection also reads.
    const lost = await fold.fold(traceIds, rows)
    await this.#each(traceIds, (traceId) => fold.create(traceId))
    const superseded: number[] = []
    await this.#each(rows, (row, index) => {
      if (lost.has(row)) superseded.push(index)
      else upsert(row, fold.countedOf(row))
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
      const commit = beginCommit(writer, this.#pool.origin)
      const given = sqliteDialect.list(batch.traces.map(({ leadingKey }) => leadingKey))
      const statements = this.#runs
      const idsOf = (statement: string, last: unknown) =>
        new Set(writer.prepare(statement).pluck().all(projectId, given, last) as string[])
      const stored = { newer: idsOf(statements.newer, writtenAt), others: idsOf(statements.others, source) }
      const { traceIds, traces, spans, result } = selectRuns(batch, stored)

      writer.prepare(statements.forgetSpans).run(projectId, sqliteDialect.list(traceIds), source)
      const fold = new TraceFold(writer, projectId, this.#turns())
      await fold.write(traces, spans)
      const upsert = upserting(writer, 'spans', commit)
      await this.#each(spans, (row) => void upsert(row, fold.countedOf(row)))
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
      return writer.prepare(`select 1 from ${tableName(entity)} where ${condition}`).get(projectId, traceId, horizon)
    })
  }

  /** Deletes as many rows that fit as the last parameter says. */
  #deleting(writer: SqliteWriter, entity: Entity, condition: string) {
    const table = tableName(entity)
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
    return runStatements(
      { traces: tableName('traces'), spans: tableName('spans'), events: tableName('events') },
      {
        // By their order, in which every statement names them.
        parameter: () => '?',
        isInList: (column) => `${column} in (select value from json_each(?))`,
        instant: () => '?',
      },
    )
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
}

const dialect = new SQLiteSyncDialect()

const tableName = (entity: Entity) => `"${getTableName(tables[entity])}"`

/** Of most rows all counts, and what is left out is null: it is not bound for each. */
const upserts = forEachEntity((entity) => {
  if (entity === 'traces') return undefined
  const insertOf = (specs: readonly ColumnSpec[]) =>
    `insert into ${tableName(entity)} (${specs.map(({ name }) => `"${name}"`).join(', ')}, commit_seq)
      values (${'?, '.repeat(specs.length)}?) ${onConflict(entity, tableName(entity))}`
  return { plain: insertOf(columnSpecs[entity]), counted: insertOf(storedSpecs[entity]) }
})

/**
 * Stores a row, with the values of its counted columns where any is not null.
 *
 * @returns whether it is stored, and did not lose to a newer version
 */
type Upsert = (row: AcceptedRow, counted?: readonly Value[]) => boolean

function upserting(writer: SqliteWriter, entity: Entity, commit: number): Upsert {
  const texts = upserts[entity]
  if (!texts) throw new Error(`Rows of ${entity} are not stored as they come.`)
  const plain = writer.prepare(texts.plain)
  let withCounted: ReturnType<typeof writer.prepare> | undefined
  return (row, counted) => {
    const values = bindable(entity, row)
    if (!counted) return plain.run(values, commit).changes > 0
    withCounted ??= writer.prepare(texts.counted)
    return withCounted.run(values, counted, commit).changes > 0
  }
}

const hasBooleans = forEachEntity((entity) => columnSpecs[entity].some((spec) => spec.type === 'bool'))

/** SQLite has no booleans, and its driver takes none. */
function bindable(entity: Entity, row: AcceptedRow): readonly unknown[] {
  if (!hasBooleans[entity]) return row.values
  return row.values.map((value) => (typeof value === 'boolean' ? Number(value) : value))
}
