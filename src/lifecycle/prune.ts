import { isoFromMicros, microsFromIso } from '../../schema/time.ts'
import { addDeleted, type DeletedTraces, noTraces } from '../engines/deleted-rows.ts'
import { createSink } from '../engines/notifying-sink.ts'
import type { EngineSink } from '../engines/sink.ts'
import type { PoolScope } from '../repositories/read-scope.ts'
import { TraceRepository } from '../repositories/trace-repository.ts'
import { MetricPointWriter } from '../writers/writers.ts'
import { checkedRows } from './checked-rows.ts'
import { expiredRows } from './expired-rows.ts'
import { forgetExemplars, metricNames } from './forget-exemplars.ts'
import { inBatches, type SizedTrace } from './in-batches.ts'
import { withLease } from './lease.ts'
import { type MeasuredRows, measureExpired } from './measure-expired.ts'
import { type AgedEntity, type Expired, expiredBy, type RetentionPolicy } from './retention-policy.ts'
import { unhurried } from './unhurried.ts'
import { UsageKeeper } from './usage-keeper.ts'

/** How something is pruned. */
export interface PruneOptions {
  /** Say what would be deleted, and delete nothing. @default false */
  dryRun?: boolean | undefined
  /**
   * Rows that a transaction deletes, about: a trace is deleted whole. @default 1000 on SQLite, 10 000 on PostgreSQL,
   * 12 288 on ClickHouse
   */
  batch?: number | undefined
  /** Ends it after the running batch, with the signal's reason. What is deleted stays deleted; the next run goes on. */
  signal?: AbortSignal | undefined
  /** Called after each batch with what is deleted so far. */
  onProgress?: ((deleted: PrunedRows) => void) | undefined
}

/** Rows that were deleted, or would be, by their tables. */
export type PrunedRows = DeletedTraces & {
  readonly metricPoints: number
  /** Points that stay, without the exemplars that named deleted traces. A dry run does not count them. */
  readonly pointsWithoutExemplars: number
}

/** What a prune did, or would do. */
export interface PruneReport {
  readonly dryRun: boolean
  readonly deleted: PrunedRows
  /** Of a dry run: how old and how large the rows of each table are. */
  readonly measured?: readonly MeasuredRows[]
}

/** How much later than its traces a point may name them: metrics are sent now and then. */
const exemplarMicros = 3_600_000_000

/** No row of any table. */
export const nothingPruned: PrunedRows = { ...noTraces, metricPoints: 0, pointsWithoutExemplars: 0 }

/**
 * Deletes what is older than a policy says, a batch at a time, while others read and write. Stopped or killed, nothing is
 * half deleted on engines with transactions, and the next run finishes it everywhere.
 *
 * @throws ValidationError for a policy that cannot be used; BusyError while another process prunes the project
 */
export async function prune(
  scope: PoolScope,
  policy: RetentionPolicy,
  options: PruneOptions = {},
): Promise<PruneReport> {
  const { dryRun = false, signal } = options
  const expired = expiredBy(policy)
  if (dryRun) {
    const measured = await measureExpired(scope, expired)
    const counts = Object.fromEntries(measured.map(({ entity, rows }) => [entity, rows]))
    return { dryRun, deleted: { ...nothingPruned, ...counts }, measured }
  }
  return withLease(
    scope,
    'prune',
    (ends) => new Pruning(scope, options, ends, policy.keepUsage ?? false).run(expired),
    signal,
  )
}

/** One run. */
class Pruning {
  readonly #scope: PoolScope
  readonly #sink: EngineSink
  readonly #writer: MetricPointWriter
  readonly #keeper: UsageKeeper
  readonly #keepsUsage: boolean
  readonly #batchRows: number
  readonly #signal: AbortSignal
  readonly #onProgress: NonNullable<PruneOptions['onProgress']>
  #deleted = nothingPruned

  constructor(
    scope: PoolScope,
    { batch, onProgress = () => {} }: PruneOptions,
    signal: AbortSignal,
    keepsUsage: boolean,
  ) {
    this.#scope = scope
    this.#sink = createSink(scope.pool)
    this.#writer = new MetricPointWriter(scope.pool, { projectId: scope.projectId })
    this.#batchRows = checkedRows('batch', batch ?? this.#sink.bulkRows)
    this.#signal = signal
    this.#keeper = new UsageKeeper(scope, this.#sink, signal)
    this.#keepsUsage = keepsUsage
    this.#onProgress = onProgress
  }

  async run({ traces, rows }: Expired): Promise<PruneReport> {
    await this.#keeper.finish((rows) => this.#add({ ...this.#deleted, ...addDeleted(this.#deleted, rows) }))
    // Points first: of those that go no exemplar has to be looked at.
    await this.#pruneRows(rows.filter(({ entity }) => entity === 'metricPoints'))
    const names = traces.length > 0 ? await metricNames(this.#scope) : []
    for (const filter of traces) {
      const repository = new TraceRepository(this.#scope.pool.primary, { projectId: this.#scope.projectId })
      const found = repository.stream({ ...filter, orderBy: 'time', direction: 'asc', batch: 1_000 })
      for await (const batch of inBatches(found, this.#batchRows)) await this.#deleteTraces(batch, names)
    }
    await this.#pruneRows(rows.filter(({ entity }) => entity !== 'metricPoints'))
    await this.#writer.close()
    return { dryRun: false, deleted: this.#deleted }
  }

  async #deleteTraces(batch: readonly SizedTrace[], names: readonly string[]): Promise<void> {
    const ids = batch.map(({ traceId }) => traceId)
    const isPruned = new Set(ids)
    const starts = batch.map(({ startTime }) => microsFromIso(startTime))
    const ends = batch.map(({ startTime, endTime }) => microsFromIso(endTime ?? startTime))
    // Before the traces: who goes on after a kill still knows which they are.
    const points = await forgetExemplars(this.#scope, this.#writer, names, {
      isForgotten: ({ traceId = '' }) => isPruned.has(traceId),
      since: isoFromMicros(least(starts)),
      until: isoFromMicros(-least(ends.map((end) => -end)) + exemplarMicros),
    })
    const remove = () => this.#run(() => this.#sink.deleteTraces(this.#scope.projectId, ids))
    const traces = await (this.#keepsUsage ? this.#keeper.whileKept(ids, remove) : remove())
    this.#add({
      ...addDeleted(this.#deleted, traces),
      metricPoints: this.#deleted.metricPoints,
      pointsWithoutExemplars: this.#deleted.pointsWithoutExemplars + points,
    })
  }

  async #pruneRows(all: Expired['rows']): Promise<void> {
    for (const rows of all) {
      const where = expiredRows(this.#scope, rows)
      for (let count = this.#batchRows; count >= this.#batchRows; ) {
        count = await this.#run(() => this.#sink.deleteRows(this.#scope.projectId, rows.entity, where, this.#batchRows))
        this.#add(plus(this.#deleted, rows.entity, count))
        if (this.#scope.pool.capabilities.deletesAllAtOnce) break
      }
    }
  }

  #run<T>(deleting: () => Promise<T>): Promise<T> {
    return unhurried(this.#scope.pool, this.#signal, deleting)
  }

  #add(deleted: PrunedRows): void {
    this.#deleted = deleted
    this.#onProgress(deleted)
  }
}

const plus = (deleted: PrunedRows, entity: AgedEntity, rows: number): PrunedRows => ({
  ...deleted,
  [entity]: deleted[entity] + rows,
})

const least = (values: readonly number[]): number => values.reduce((one, other) => Math.min(one, other))
