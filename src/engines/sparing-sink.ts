import type { SQL } from 'drizzle-orm'
import type { AcceptedRow, Entity } from '../rows/accepted-row.ts'
import { leadingKeyOf } from '../rows/accepted-row.ts'
import type { DeletedTraces, LooseEntity } from './deleted-rows.ts'
import type { Pool } from './pool.ts'
import type { RunBatch, RunResult } from './runs.ts'
import type { Batch, EngineSink, PreparedRow, SinkResult } from './sink.ts'
import type { BuriedEntity } from './tombstones.ts'

/**
 * How long it is taken for true that nothing of a project was erased, in milliseconds. Who erases something notes it
 * first, and waits for so long before it deletes.
 */
export const erasuresKnownMs = 1_000

/** What is known of the projects of a pool: whether something of them was erased, and until when that is believed. */
const known = new WeakMap<Pool, Map<string, { readonly hasAny: Promise<boolean>; readonly until: number }>>()

/** The tables where a row may have been erased, by what it names. */
const graves: { readonly [E in Entity]: readonly (readonly [BuriedEntity, 'leadingKey' | 'traceId'])[] } = {
  traces: [['traces', 'leadingKey']],
  spans: [['traces', 'leadingKey']],
  events: [['traces', 'leadingKey']],
  results: [
    ['results', 'leadingKey'],
    ['traces', 'traceId'],
  ],
  logs: [
    ['logs', 'leadingKey'],
    ['traces', 'traceId'],
  ],
  metricPoints: [['metricPoints', 'leadingKey']],
  metrics: [],
}

/** Stores what was not erased; a row that was counts as one that lost to a newer version. */
export class SparingSink implements EngineSink {
  readonly #pool: Pool
  readonly #sink: EngineSink

  constructor(pool: Pool, sink: EngineSink) {
    this.#pool = pool
    this.#sink = sink
  }

  get maxConcurrency(): number {
    return this.#sink.maxConcurrency
  }

  get bulkRows(): number {
    return this.#sink.bulkRows
  }

  get bulkBytes(): number {
    return this.#sink.bulkBytes
  }

  get maxBatchBytes(): number {
    return this.#sink.maxBatchBytes
  }

  prepare(entity: Entity, row: AcceptedRow): PreparedRow {
    return this.#sink.prepare(entity, row)
  }

  free(rows: readonly PreparedRow[]): void {
    this.#sink.free?.(rows)
  }

  async write(batch: Batch<PreparedRow>): Promise<SinkResult> {
    const erased = (await this.#hasErasures(batch.projectId)) ? await this.#erasedOf(batch) : noneErased
    if (erased.size === 0) return this.#sink.write(batch)
    const indexes = batch.rows.flatMap((_, index) => (erased.has(index) ? [] : [index]))
    const rows = indexes.map((index) => batch.rows[index] as PreparedRow)
    if (rows.length === 0) return { stored: 0, superseded: [...erased], rejected: [] }
    const result = await this.#sink.write({ ...batch, rows })
    const inBatch = (index: number) => indexes[index] as number
    return {
      ...result,
      superseded: [...erased, ...result.superseded.map(inBatch)],
      rejected: result.rejected.map((row) => ({ ...row, index: inBatch(row.index) })),
    }
  }

  async settle(): Promise<void> {
    await this.#sink.settle?.()
  }

  async replaceRuns(batch: RunBatch): Promise<RunResult> {
    if (!(await this.#hasErasures(batch.projectId))) return this.#sink.replaceRuns(batch)
    const idOf = (row: AcceptedRow) => leadingKeyOf('traces', row)
    const found = await this.#pool.tombstones.find(batch.projectId, 'traces', batch.traces.map(idOf))
    const isErased = (traceId: string) => (found.get(traceId) ?? 0) >= batch.writtenAt
    const traces = batch.traces.filter((row) => !isErased(idOf(row)))
    if (traces.length === batch.traces.length) return this.#sink.replaceRuns(batch)
    const spans = batch.spans.filter((row) => !isErased(leadingKeyOf('spans', row)))
    const erased = batch.traces.map(idOf).filter(isErased)
    const result = traces.length > 0 ? await this.#sink.replaceRuns({ ...batch, traces, spans }) : noRuns
    return { ...result, superseded: [...result.superseded, ...erased] }
  }

  deleteTraces(projectId: string, traceIds: readonly string[], horizon?: number): Promise<DeletedTraces> {
    return this.#sink.deleteTraces(projectId, traceIds, horizon)
  }

  deleteRows(projectId: string, entity: LooseEntity, where: SQL, atMost: number): Promise<number> {
    return this.#sink.deleteRows(projectId, entity, where, atMost)
  }

  recountTraces(projectId: string, traceIds: readonly string[]): Promise<void> {
    return this.#sink.recountTraces(projectId, traceIds)
  }

  forgetSpans(projectId: string, traceIds: readonly string[], source: string): Promise<void> {
    return this.#sink.forgetSpans(projectId, traceIds, source)
  }

  /** Asked once a second, so that a batch costs nothing more while nothing was erased. */
  async #hasErasures(projectId: string): Promise<boolean> {
    const projects = known.get(this.#pool) ?? new Map()
    known.set(this.#pool, projects)
    const now = performance.now()
    const before = projects.get(projectId)
    if (before && now < before.until) return before.hasAny
    const hasAny = this.#pool.tombstones.hasAny(projectId)
    projects.set(projectId, { hasAny, until: now + erasuresKnownMs })
    // The next batch asks anew.
    hasAny.catch(() => projects.delete(projectId))
    return hasAny
  }

  async #erasedOf({ entity, projectId, rows }: Batch<PreparedRow>): Promise<ReadonlySet<number>> {
    const erased = new Set<number>()
    for (const [grave, name] of graves[entity]) {
      const keys = [...new Set(rows.flatMap((row) => row[name] ?? []))]
      const found = keys.length === 0 ? undefined : await this.#pool.tombstones.find(projectId, grave, keys)
      if (!found || found.size === 0) continue
      rows.forEach((row, index) => {
        if ((found.get(row[name] ?? '') ?? 0) >= row.stamp) erased.add(index)
      })
    }
    return erased
  }
}

const noneErased: ReadonlySet<number> = new Set()
const noRuns: RunResult = { superseded: [], others: [] }
