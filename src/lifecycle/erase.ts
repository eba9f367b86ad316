import { setTimeout as delay } from 'node:timers/promises'
import { and, asc, type Column, lte, type SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { microsFromIso } from '../../schema/time.ts'
import { now } from '../clock.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import { addDeleted, noTraces } from '../engines/deleted-rows.ts'
import { createSink } from '../engines/notifying-sink.ts'
import type { EngineSink } from '../engines/sink.ts'
import { erasuresKnownMs } from '../engines/sparing-sink.ts'
import { compileFilter } from '../repositories/filters/compile.ts'
import type { PoolScope } from '../repositories/read-scope.ts'
import { TraceRepository } from '../repositories/trace-repository.ts'
import { MetricPointWriter } from '../writers/writers.ts'
import { forgetExemplars, metricNames } from './forget-exemplars.ts'
import { inBatches } from './in-batches.ts'
import { withLease } from './lease.ts'
import { dataOf, type ErasedData, type EraseTarget } from './person.ts'
import type { PrunedRows } from './prune.ts'
import { unhurried } from './unhurried.ts'

/** How something is erased. */
export interface EraseOptions {
  /** Ends it after the running batch, with the signal's reason. Erasing again goes on. */
  signal?: AbortSignal | undefined
  /** Called after each batch with what is erased so far. */
  onProgress?: ((erased: PrunedRows) => void) | undefined
}

/** What was erased, to be kept: it holds nothing of the person, and no id. */
export interface EraseReport {
  /** Rows that were accepted until then do not come back, in row format. */
  readonly erasedAt: string
  readonly projectId: string
  readonly deleted: PrunedRows
  /** Where the data may remain for a while, in words. */
  readonly remains: readonly string[]
}

/** A margin for transactions that were under way, in milliseconds. */
const marginMs = 100
const pageRows = 1_000
/** Rows that came back meanwhile are looked for so often. */
const mostRounds = 3

/**
 * Erases all that there is of a user, of a session or of some traces. What is erased is noted first: rows that were
 * accepted before and arrive later are not stored any more.
 *
 * @throws ValidationError for a target that would be everything; BusyError while another process erases in the project
 */
export function erase(scope: PoolScope, target: EraseTarget, options: EraseOptions = {}): Promise<EraseReport> {
  const data = dataOf(target)
  return withLease(scope, 'erase', (signal) => new Erasing(scope, data, options, signal).run(), options.signal)
}

/** One run. */
class Erasing {
  readonly #scope: PoolScope
  readonly #data: ErasedData
  readonly #sink: EngineSink
  readonly #writer: MetricPointWriter
  readonly #signal: AbortSignal
  readonly #onProgress: NonNullable<EraseOptions['onProgress']>
  readonly #erasedAt = now()
  #deleted: PrunedRows = { ...noTraces, metricPoints: 0, pointsWithoutExemplars: 0 }

  constructor(scope: PoolScope, data: ErasedData, { onProgress = () => {} }: EraseOptions, signal: AbortSignal) {
    this.#scope = scope
    this.#data = data
    this.#sink = createSink(scope.pool)
    this.#writer = new MetricPointWriter(scope.pool, { projectId: scope.projectId })
    this.#signal = signal
    this.#onProgress = onProgress
  }

  async run(): Promise<EraseReport> {
    const { pool, projectId } = this.#scope
    for await (const ids of this.#traces()) await this.#bury('traces', ids)
    for (const entity of loose) await this.#eraseRows(entity, (ids) => this.#bury(entity, ids), false)
    // Writers of every process learn of it before anything is gone.
    await delay(erasuresKnownMs + marginMs, undefined, { signal: this.#signal })
    for (let round = 1; round <= mostRounds && (await this.#eraseAll()); round += 1);
    await this.#writer.close()
    const { erasureRemains: remains } = pool.capabilities
    return { erasedAt: this.#erasedAt, projectId, deleted: this.#deleted, remains }
  }

  /** Deletes what there is. Returns whether there was anything. */
  async #eraseAll(): Promise<boolean> {
    const { pool, projectId } = this.#scope
    const before = this.#deleted
    const names = await metricNames(this.#scope)
    for await (const ids of this.#traces()) {
      await this.#bury('traces', ids)
      await this.#forget(names, new Set(ids))
      const deleted = await unhurried(pool, this.#signal, () => this.#sink.deleteTraces(projectId, ids))
      this.#add({ ...this.#deleted, ...addDeleted(this.#deleted, deleted) })
    }
    await this.#forget(names, new Set())
    for (const entity of loose) {
      await this.#eraseRows(entity, async (ids) => {
        await this.#bury(entity, ids)
        const rows = await this.#deleteRows(entity, ids)
        this.#add({ ...this.#deleted, [entity]: this.#deleted[entity] + rows })
      })
    }
    return this.#deleted !== before
  }

  async *#traces(): AsyncGenerator<string[], void, undefined> {
    const { pool, projectId } = this.#scope
    const found = new TraceRepository(pool.primary, { projectId }).stream({ ...this.#data.traces, batch: pageRows })
    for await (const batch of inBatches(found, this.#sink.bulkRows)) yield batch.map(({ traceId }) => traceId)
  }

  /**
   * Calls for the ids of rows that name the target themselves, a page at a time.
   *
   * @param goes whether the rows of a page are gone when the next one is read
   */
  async #eraseRows(
    entity: (typeof loose)[number],
    work: (ids: readonly string[]) => Promise<void>,
    goes = true,
  ): Promise<void> {
    const { attributes } = this.#data
    if (attributes.length === 0) return
    const { primary: pool } = this.#scope.pool
    const { where } = compileFilter(this.#scope, entity, { or: attributes.map((one) => ({ attributes: one })) })
    const key = this.#keyOf(entity)
    const table = pool.tables[entity] as unknown as PgTable
    for (let offset = 0; ; offset += goes ? 0 : pageRows) {
      this.#signal.throwIfAborted()
      const query = pool.db.select({ id: key }).from(table).where(where).orderBy(asc(key)).limit(pageRows)
      const rows = await read(entity, goes ? query : query.offset(offset))
      if (rows.length > 0) await work(rows.map(({ id }) => String(id)))
      if (rows.length < pageRows) return
    }
  }

  async #forget(names: readonly string[], traceIds: ReadonlySet<string>): Promise<void> {
    const isForgotten: Parameters<typeof forgetExemplars>[3]['isForgotten'] = (exemplar) =>
      traceIds.has(exemplar.traceId ?? '') || this.#data.isNamedBy(exemplar)
    const points = await forgetExemplars(this.#scope, this.#writer, names, {
      isForgotten,
      // An engine may keep the version before.
      onRewritten: async (ids) => {
        const { writtenAt } = this.#scope.pool.tables.metricPoints
        await this.#deleteRows('metricPoints', ids, lte(writtenAt, this.#erasedAt))
      },
    })
    const { pointsWithoutExemplars } = this.#deleted
    if (points > 0) this.#add({ ...this.#deleted, pointsWithoutExemplars: pointsWithoutExemplars + points })
  }

  async #deleteRows(entity: (typeof loose)[number], ids: readonly string[], more?: SQL): Promise<number> {
    const { pool, projectId } = this.#scope
    const { dialect } = pool
    const inProject = compileFilter(this.#scope, entity, {}).where
    const where = and(inProject, dialect.isInList(this.#keyOf(entity), dialect.list(ids)), more) ?? inProject
    return unhurried(pool, this.#signal, () => this.#sink.deleteRows(projectId, entity, where, ids.length))
  }

  #bury(entity: 'traces' | (typeof loose)[number], ids: readonly string[]): Promise<void> {
    const { pool, projectId } = this.#scope
    return unhurried(pool, this.#signal, () =>
      pool.tombstones.add(projectId, entity, ids, microsFromIso(this.#erasedAt)),
    )
  }

  #keyOf(entity: (typeof loose)[number]): PgColumn {
    const { logs, results, metricPoints } = this.#scope.pool.tables
    return { logs: logs.logId, results: results.resultId, metricPoints: metricPoints.pointId }[
      entity
    ] as Column as PgColumn
  }

  #add(deleted: PrunedRows): void {
    this.#deleted = deleted
    this.#onProgress(deleted)
  }
}

/** Tables whose rows may name a person without a trace. */
const loose = ['logs', 'results', 'metricPoints'] as const

async function read<T>(entity: string, query: PromiseLike<T[]>): Promise<T[]> {
  try {
    return await query
  } catch (error) {
    throw storageError(error, `look for rows of ${entity} to erase`)
  }
}
