import { setImmediate } from 'node:timers/promises'
import { getTableName } from 'drizzle-orm'
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core'
import { commits } from '../../../schema/sqlite.ts'
import { type AcceptedRow, columnSpecs, type Entity } from '../../rows/accepted-row.ts'
import { emptyTrace } from '../../rows/trace-row.ts'
import { bisect } from '../bisect.ts'
import { type RefreshStatement, refreshStatement } from '../recompute.ts'
import { type RunBatch, type RunResult, runStatements, selectRuns } from '../runs.ts'
import {
  type Batch,
  type PreparedValues,
  prepareValues,
  type RunSink,
  type Sink,
  type SinkResult,
  whilePrepared,
} from '../sink.ts'
import { touchedTraces } from '../touched-traces.ts'
import { columnList, onConflict } from '../upsert.ts'
import { sqliteDialect } from './dialect.ts'
import { tables } from './tables.ts'
import type { SqliteTransactions, SqliteWriter } from './transactions.ts'

/** How long a transaction may keep the event loop before it lets other work in, in milliseconds. */
const turnMs = 20
/** How many rows are stored between two looks at the clock. */
const rowsPerLook = 32
/** How many spans are summed in one statement, which cannot be interrupted. */
const spansPerRefresh = 2_000
/** How many rows are deleted in one statement. */
const rowsPerDelete = 500
/** What a trace is taken to hold beyond the spans that were counted before. */
const spansPerNewTrace = 20

const commitsTable = `"${getTableName(commits)}"`
const currentCommit = `(select last from ${commitsTable})`
const nextCommit = `insert into ${commitsTable} (id, last) values (1, 1) on conflict (id) do update set last = last + 1`

/** Stores batches through prepared one-row statements, which is the fastest way into SQLite from JavaScript. */
export class SqliteSink implements Sink<PreparedValues>, RunSink {
  readonly maxConcurrency = 1
  readonly bulkRows = 1_000
  readonly bulkBytes = 2 * 1024 * 1024
  // A commit writes its pages in one go, and keeps the event loop meanwhile.
  readonly maxBatchBytes = 2 * 1024 * 1024
  readonly #pool: SqliteTransactions
  readonly #refreshing: RefreshStatement

  constructor(pool: SqliteTransactions) {
    this.#pool = pool
    const dialect = new SQLiteSyncDialect()
    this.#refreshing = refreshStatement(sqliteDialect, tables, (query) => dialect.sqlToQuery(query))
  }

  prepare(entity: Entity, row: AcceptedRow): PreparedValues {
    return prepareValues(entity, row)
  }

  write(batch: Batch<PreparedValues>): Promise<SinkResult> {
    return bisect(batch, (part) => this.#store(part))
  }

  #store(batch: Batch<PreparedValues>): Promise<SinkResult> {
    const { entity, projectId, rows } = batch
    return this.#pool.transaction(`write ${rows.length} rows of ${entity}`, async (writer) => {
      writer.prepare(nextCommit).run()
      const traceIds = touchedTraces(batch)
      const create = writer.prepare(`${this.#insert('traces')} on conflict do nothing`)
      await this.#each(traceIds, (traceId) => create.run(emptyTrace(projectId, traceId).values))

      const upsert = writer.prepare(`${this.#insert(entity)} ${onConflict(entity, this.#table(entity))}`)
      const superseded: number[] = []
      await this.#each(rows, (row, index) => {
        if (upsert.run(bindable(entity, row)).changes === 0) superseded.push(index)
      })

      await this.#refresh(writer, projectId, traceIds)
      return { stored: rows.length - superseded.length, superseded, rejected: [] }
    })
  }

  replaceRuns(batch: RunBatch): Promise<RunResult> {
    return whilePrepared(this, batch, (runs) => this.#replaceRuns(runs))
  }

  #replaceRuns(batch: RunBatch<PreparedValues>): Promise<RunResult> {
    const { projectId, source, writtenAt } = batch
    return this.#pool.transaction(`write ${batch.traces.length} runs`, async (writer) => {
      writer.prepare(nextCommit).run()
      const given = sqliteDialect.list(batch.traces.map(({ leadingKey }) => leadingKey))
      const statements = this.#runs
      const idsOf = (statement: string, last: unknown) =>
        new Set(writer.prepare(statement).pluck().all(projectId, given, last) as string[])
      const stored = { newer: idsOf(statements.newer, writtenAt), others: idsOf(statements.others, source) }
      const { traceIds, traces, spans, result } = selectRuns(batch, stored)

      writer.prepare(statements.forgetSpans).run(projectId, sqliteDialect.list(traceIds), source)
      for (const [entity, rows] of [['traces', traces] as const, ['spans', spans] as const]) {
        const upsert = writer.prepare(`${this.#insert(entity)} ${onConflict(entity, this.#table(entity))}`)
        await this.#each(rows, (row) => upsert.run(bindable(entity, row)))
      }
      await this.#refresh(writer, projectId, traceIds)
      return result
    })
  }

  deleteTraces(projectId: string, traceIds: readonly string[]): Promise<number> {
    return this.#pool.transaction(`delete ${traceIds.length} traces`, async (writer) => {
      const deleting = (entity: Entity) =>
        writer.prepare(`delete from ${this.#table(entity)} where rowid in (select rowid from ${this.#table(entity)}
          where project_id = ? and trace_id = ? limit ${rowsPerDelete})`)
      const members = [deleting('events'), deleting('spans')]
      const traces = deleting('traces')
      const takeTurn = this.#turns()
      let deleted = 0
      for (const traceId of traceIds) {
        for (const rows of members) {
          while (rows.run(projectId, traceId).changes === rowsPerDelete) await takeTurn()
        }
        deleted += traces.run(projectId, traceId).changes
        await takeTurn()
      }
      return deleted
    })
  }

  forgetSpans(projectId: string, traceIds: readonly string[], source: string): Promise<void> {
    return this.#pool.transaction(`replace the spans of ${traceIds.length} traces`, async (writer) => {
      writer.prepare(nextCommit).run()
      writer.prepare(this.#runs.forgetSpans).run(projectId, sqliteDialect.list(traceIds), source)
      await this.#refresh(writer, projectId, traceIds)
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

  async #refresh(writer: SqliteWriter, projectId: string, traceIds: readonly string[]): Promise<void> {
    const counted = writer.prepare(
      `select span_count from ${this.#table('traces')} where project_id = ? and trace_id = ?`,
    )
    const statement = writer.prepare(this.#refreshing.text)
    const refresh = (part: readonly string[]) => statement.run(...this.#refreshing.values(projectId, part))
    let part: string[] = []
    let spans = 0
    for (const traceId of traceIds) {
      const count = counted.pluck().get(projectId, traceId)
      if (count === undefined) continue
      part.push(traceId)
      spans += spansPerNewTrace + Number(count)
      if (spans < spansPerRefresh) continue
      refresh(part)
      part = []
      spans = 0
      await this.#pause()
    }
    if (part.length > 0) refresh(part)
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
    const marks = columnSpecs[entity].map(() => '?').join(', ')
    return `insert into ${this.#table(entity)} (${columnList(entity)}, commit_seq) values (${marks}, ${currentCommit})`
  }
}

const hasBooleans = (entity: Entity) => columnSpecs[entity].some((spec) => spec.type === 'bool')

/** SQLite has no booleans, and its driver takes none. */
function bindable(entity: Entity, row: AcceptedRow): readonly unknown[] {
  if (!hasBooleans(entity)) return row.values
  return row.values.map((value) => (typeof value === 'boolean' ? Number(value) : value))
}
