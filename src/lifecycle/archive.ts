import { and, type Column, lt, type SQL } from 'drizzle-orm'
import { now } from '../clock.ts'
import type { CommitPoint } from '../engines/commit-order.ts'
import { certainIdentity } from '../engines/database-identity.ts'
import { addDeleted } from '../engines/deleted-rows.ts'
import { createSink } from '../engines/notifying-sink.ts'
import type { EngineSink } from '../engines/sink.ts'
import { RestoredError } from '../errors.ts'
import type { PoolScope } from '../repositories/read-scope.ts'
import { TraceRepository } from '../repositories/trace-repository.ts'
import type { ArchivedKind, ArchivedPage, ArchivedRows } from '../row-pages/archive-part.ts'
import { entities } from '../rows/accepted-row.ts'
import { type ArchivePart, ArchiveParts } from './archive-parts.ts'
import { type ArchiveTarget, archiveFolder } from './archive-target.ts'
import { archivedTraces, LoosePart, pagesOf } from './archived-pages.ts'
import { checkedRows } from './checked-rows.ts'
import { expiredRows } from './expired-rows.ts'
import { inBatches, type SizedTrace } from './in-batches.ts'
import { withLease } from './lease.ts'
import { type MeasuredRows, measureExpired } from './measure-expired.ts'
import { nothingPruned, type PrunedRows } from './prune.ts'
import { type AgedRows, expiredBy, type RetentionPolicy } from './retention-policy.ts'
import { type LooseKind, SettledRows } from './settled-rows.ts'

/** How something is archived. */
export interface ArchiveOptions {
  /** A folder, which is made where it is missing, or what keeps the parts elsewhere. */
  to: string | ArchiveTarget
  /** Say what would be archived, and do nothing. @default false */
  dryRun?: boolean | undefined
  /** Rows of a part, about: a trace is never split. @default 100000 */
  partRows?: number | undefined
  /** Ends it after what is running, with the signal's reason. The next run goes on. */
  signal?: AbortSignal | undefined
  /** Called after each batch that was deleted, with what is deleted so far. */
  onProgress?: ((deleted: PrunedRows) => void) | undefined
}

/** What an archive took, or would take. */
export interface ArchiveReport {
  readonly dryRun: boolean
  /** The parts that were written, in their order. */
  readonly parts: readonly ArchivePart[]
  /** Rows in these parts, by table. */
  readonly archived: ArchivedRows
  /** Rows that were deleted; also those of a part of before whose run was killed. */
  readonly deleted: PrunedRows
  /** Traces that something was written to meanwhile: they stay, for the next run. */
  readonly kept: number
  /** Of a dry run: how old and how large the rows of each table are. */
  readonly measured?: readonly MeasuredRows[]
}

const defaultPartRows = 100_000
const pageTraces = 1_000

/**
 * Moves what is older than a policy says into an archive: it is written a part at a time, read again and compared, and
 * then deleted. What is written meanwhile to a trace is never deleted with it. Stopped or killed, everything is in the
 * database or in the archive; the next run deletes first what the last part holds.
 *
 * @throws ValidationError for a policy that cannot be used; BusyError while another process prunes or archives the project
 */
export async function archive(
  scope: PoolScope,
  policy: RetentionPolicy,
  options: ArchiveOptions,
): Promise<ArchiveReport> {
  const { dryRun = false, signal } = options
  const expired = expiredBy(policy)
  if (dryRun) {
    const measured = await measureExpired(scope, expired)
    const counts = Object.fromEntries(measured.map(({ entity, rows }) => [entity, rows]))
    return { dryRun, parts: [], archived: { ...noRows, ...counts }, deleted: nothingPruned, kept: 0, measured }
  }
  // Both delete: what one has found must not go by the other.
  return withLease(
    scope,
    'prune',
    async (ends) => {
      const archiving = new Archiving(scope, options, ends, policy.keepUsage ?? false)
      await archiving.finishLast()
      for (const filter of expired.traces) {
        const repository = new TraceRepository(scope.pool.primary, { projectId: scope.projectId })
        const found = repository.stream({ ...filter, orderBy: 'time', direction: 'asc', batch: pageTraces })
        for await (const traces of inBatches(found, archiving.partRows)) await archiving.archiveTraces(traces)
      }
      for (const rows of expired.rows) await archiving.archiveRows(rows)
      return archiving.report()
    },
    signal,
  )
}

const noRows = Object.fromEntries(entities.map((entity) => [entity, 0])) as ArchivedRows

/** One run. */
class Archiving {
  readonly partRows: number
  readonly #scope: PoolScope
  readonly #sink: EngineSink
  readonly #settled: SettledRows
  readonly #parts: ArchiveParts
  readonly #signal: AbortSignal
  readonly #onProgress: NonNullable<ArchiveOptions['onProgress']>
  readonly #written: ArchivePart[] = []
  #deleted = nothingPruned
  #kept = 0

  constructor(
    scope: PoolScope,
    { to, partRows, onProgress = () => {} }: ArchiveOptions,
    signal: AbortSignal,
    keepsUsage: boolean,
  ) {
    this.partRows = checkedRows('partRows', partRows ?? defaultPartRows)
    this.#scope = scope
    this.#sink = createSink(scope.pool)
    this.#parts = new ArchiveParts(typeof to === 'string' ? archiveFolder(to) : to, scope.projectId)
    this.#signal = signal
    this.#settled = new SettledRows(scope, this.#sink, signal, keepsUsage)
    this.#onProgress = onProgress
  }

  report(): ArchiveReport {
    const archived = Object.fromEntries(
      entities.map((entity) => [entity, this.#written.reduce((sum, { rows }) => sum + rows[entity], 0)]),
    ) as ArchivedRows
    return { dryRun: false, parts: this.#written, archived, deleted: this.#deleted, kept: this.#kept }
  }

  /** Deletes what the last part holds, where a run was killed before it had. */
  async finishLast(): Promise<void> {
    await this.#settled.finish((rows) => this.#add({ ...this.#deleted, ...addDeleted(this.#deleted, rows) }))
    const name = await this.#parts.last()
    if (name === undefined) return
    const { pool, projectId } = this.#scope
    const found = await this.#parts.idsOf(name)
    if (found === undefined || found.header.projectId !== projectId) return
    const { header, ids } = found
    if (header.database === null || header.database !== (await certainIdentity(pool))) return
    try {
      await pool.primary.commitOrder.now(header.stored)
    } catch (error) {
      // Numbers of another history say nothing: what is still there is archived again.
      if (error instanceof RestoredError) return
      throw error
    }
    if (header.of === 'traces') await this.#deleteTraces(await this.#settled.stored(ids, header.stored), header.stored)
    else await this.#deleteRows(header.of, ids, header.stored)
  }

  async archiveTraces(traces: readonly SizedTrace[]): Promise<void> {
    const point = await this.#now()
    const newer = await this.#settled.writtenSince(traces, point)
    const settled = traces.filter(({ traceId }) => !newer.has(traceId))
    this.#kept += newer.size
    if (settled.length === 0) return
    await this.#write('traces', point, archivedTraces(this.#scope, settled, this.#sink.bulkRows))
    await this.#deleteTraces(settled, point)
  }

  /** What was stored before a moment is a set that only shrinks: it is gone through once, in the order of its keys. */
  async archiveRows(aged: AgedRows): Promise<void> {
    const { entity } = aged
    const { pool } = this.#scope
    const point = await this.#now()
    const { commitSeq } = pool.tables[entity]
    const where = and(
      expiredRows(this.#scope, aged),
      lt(commitSeq as Column, pool.dialect.commit(point.horizon)),
    ) as SQL
    const pages = pagesOf(this.#scope, entity, where)
    for (let page = await pages.next(); !page.done; page = await pages.next()) {
      const part = new LoosePart(this.#scope, entity, this.partRows, page.value, pages)
      await this.#write(entity, point, part.pages())
      await this.#deleteRows(entity, part.ids, point, where)
    }
  }

  async #write(of: ArchivedKind, stored: CommitPoint, pages: AsyncIterable<ArchivedPage>): Promise<void> {
    const { pool, projectId } = this.#scope
    const database = (await certainIdentity(pool)) ?? null
    const signal = this.#signal
    const part = await this.#parts.write(
      { tracehold: 'archive', version: 1, projectId, of, madeAt: now(), database, stored },
      (async function* () {
        for await (const page of pages) {
          signal.throwIfAborted()
          yield page
        }
      })(),
    )
    this.#written.push(part)
  }

  async #deleteTraces(traces: readonly SizedTrace[], point: CommitPoint): Promise<void> {
    for await (const { rows, kept } of this.#settled.deleteTraces(traces, point)) {
      this.#kept += kept
      this.#add({ ...this.#deleted, ...addDeleted(this.#deleted, rows) })
    }
  }

  async #deleteRows(entity: LooseKind, ids: readonly string[], point: CommitPoint, more?: SQL): Promise<void> {
    for await (const rows of this.#settled.deleteRows(entity, ids, point, more)) {
      this.#add({ ...this.#deleted, [entity]: this.#deleted[entity] + rows })
    }
  }

  #now(): Promise<CommitPoint> {
    this.#signal.throwIfAborted()
    return this.#scope.pool.primary.commitOrder.now()
  }

  #add(deleted: PrunedRows): void {
    this.#deleted = deleted
    this.#onProgress(deleted)
  }
}
