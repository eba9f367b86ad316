import { setImmediate } from 'node:timers/promises'
import { getTableName } from 'drizzle-orm'
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core'
import { commits } from '../../../schema/sqlite.ts'
import type { SqlitePool, SqliteWriter } from '../../pool/sqlite.ts'
import { type AcceptedRow, columnSpecs, type Entity } from '../accepted-row.ts'
import { refreshTraces } from '../recompute.ts'
import { emptyTrace, touchedTraces } from '../trace-rows.ts'
import { bisect } from './bisect.ts'
import type { Batch, Sink, SinkResult } from './sink.ts'
import { columnList, onConflict } from './upsert.ts'

/** How long a transaction may keep the event loop before it lets other work in, in milliseconds. */
const turnMs = 20
/** How many spans are summed in one statement, which cannot be interrupted. */
const spansPerRefresh = 2_000
/** What a trace is taken to hold beyond the spans that were counted before. */
const spansPerNewTrace = 20

const commitsTable = `"${getTableName(commits)}"`
const currentCommit = `(select last from ${commitsTable})`
const nextCommit = `insert into ${commitsTable} (id, last) values (1, 1) on conflict (id) do update set last = last + 1`

/** Stores batches through prepared one-row statements, which is the fastest way into SQLite from JavaScript. */
export class SqliteSink implements Sink {
  readonly maxConcurrency = 1
  readonly #pool: SqlitePool
  readonly #dialect = new SQLiteSyncDialect()

  constructor(pool: SqlitePool) {
    this.#pool = pool
  }

  write(batch: Batch): Promise<SinkResult> {
    return bisect(batch, (part) => this.#store(part))
  }

  #store(batch: Batch): Promise<SinkResult> {
    const { entity, projectId, rows } = batch
    return this.#pool.transaction(`write ${rows.length} rows of ${entity}`, async (writer) => {
      writer.prepare(nextCommit).run()
      const traceIds = touchedTraces(batch)
      const create = writer.prepare(`${this.#insert('traces')} on conflict do nothing`)
      await this.#each(traceIds, (traceId) => create.run(emptyTrace(projectId, traceId).values))

      const upsert = writer.prepare(`${this.#insert(entity)} ${onConflict(entity, this.#table(entity))}`)
      let stored = 0
      await this.#each(rows, (row) => {
        stored += upsert.run(bindable(entity, row)).changes
      })

      await this.#refresh(writer, projectId, traceIds)
      return { stored, superseded: rows.length - stored, rejected: [] }
    })
  }

  async #refresh(writer: SqliteWriter, projectId: string, traceIds: readonly string[]): Promise<void> {
    const { dialect, tables } = this.#pool
    const counted = writer.prepare(
      `select span_count from ${this.#table('traces')} where project_id = ? and trace_id = ?`,
    )
    const refresh = (part: readonly string[]) => {
      const touched = { projectId, traceIds: dialect.list(part) }
      const { sql, params } = this.#dialect.sqlToQuery(refreshTraces(dialect, tables, touched))
      writer.prepare(sql).run(...params)
    }
    let part: string[] = []
    let spans = 0
    for (const traceId of traceIds) {
      part.push(traceId)
      spans += spansPerNewTrace + Number(counted.pluck().get(projectId, traceId))
      if (spans < spansPerRefresh) continue
      refresh(part)
      part = []
      spans = 0
      await this.#pause()
    }
    if (part.length > 0) refresh(part)
  }

  /** Does `work` for each item and lets the event loop turn now and then. The transaction stays open meanwhile. */
  async #each<T>(items: readonly T[], work: (item: T) => void): Promise<void> {
    let turnEnds = performance.now() + turnMs
    for (const item of items) {
      work(item)
      if (performance.now() > turnEnds) {
        await this.#pause()
        turnEnds = performance.now() + turnMs
      }
    }
  }

  #pause(): Promise<void> | undefined {
    // In memory the one connection also reads: a pause would show it a half-written batch.
    return this.#pool.isShared ? undefined : setImmediate()
  }

  #table(entity: Entity): string {
    return `"${getTableName(this.#pool.tables[entity])}"`
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
