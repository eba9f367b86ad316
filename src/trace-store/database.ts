import { and, desc, eq, gte, lte, or, type SQL, sql } from 'drizzle-orm'
import { isoFromMicros, microsFromIso } from '../../schema/time.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import { BatchError, ValidationError } from '../errors.ts'
import { agentprobeIn, agentTraceIn, holdsAgentprobe } from '../formats/agentprobe/agent-trace.ts'
import { runOfAgentprobe } from '../formats/agentprobe/run.ts'
import { readAgentprobeTrace, writeAgentprobeTrace } from '../formats/agentprobe/trace-document.ts'
import type { AgentTrace } from '../formats/selectools/document.ts'
import { agentTraceOfRows } from '../formats/selectools/from-rows.ts'
import { runOfTrace } from '../formats/selectools/run.ts'
import { fromLine, type SavedTrace, toSaved } from '../formats/selectools/saved-trace.ts'
import { awkwardPrefixes, fromColumn, sourceOf } from '../formats/stored-document.ts'
import { maxMicros } from '../rows/limits.ts'
import type { RunRecord } from '../rows/records.ts'
import type { Store } from '../store/store.ts'
import { safeText } from '../text/safe-json.ts'
import { checkedPage, type TraceArchive, traceNotFound } from './archive.ts'
import { type CheckedFilter, checkedFilter } from './filter.ts'
import type { TraceFilter, TraceSummary } from './trace-store.ts'

/** Traces that a stream reads at once. */
const batchRows = 100

/**
 * A trace store on a tracehold store of any engine. Steps are stored as spans too, so that lists, waterfalls, analytics
 * and retention see them, and traces of other sources are seen here: their steps are their spans without the root.
 *
 * @example
 * const store = new DatabaseTraceStore(await openStore('sqlite:traces.db', { migrate: true }))
 * await store.save({ run_id: 'r1', start_time: Date.now() / 1000, steps: [] })
 */
export class DatabaseTraceStore implements TraceArchive {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async save(trace: AgentTrace): Promise<string> {
    const saved = toSaved(trace)
    await this.#write(saved, fromLine(saved.line).trace)
    return saved.runId
  }

  async load(runId: string): Promise<AgentTrace> {
    const { traces } = this.#store.tables
    const [row] = await this.#run('load a trace', () =>
      this.#store.db
        .select({ document: traces.document })
        .from(traces)
        .where(and(this.#ours, eq(traces.traceId, safeText(runId)))),
    )
    if (!row) throw traceNotFound(runId)
    return (await this.#traceOf(runId, row.document)) ?? Promise.reject(traceNotFound(runId))
  }

  async list(limit = 50, offset = 0): Promise<TraceSummary[]> {
    checkedPage(limit, offset)
    return limit === 0 ? [] : this.#summaries(undefined, { limit, offset })
  }

  async query(filter: TraceFilter): Promise<TraceSummary[]> {
    return this.#summaries(this.#condition(checkedFilter(filter)))
  }

  async delete(runId: string): Promise<boolean> {
    return (await this.#store.writers.traces.delete(runId)) > 0
  }

  restore(saved: SavedTrace): Promise<void> {
    return this.#write(saved, fromLine(saved.line).trace)
  }

  async *stream(filter: TraceFilter = {}): AsyncGenerator<SavedTrace> {
    const { traces } = this.#store.tables
    const condition = this.#condition(checkedFilter(filter))
    let last: { createdAt: string; traceId: string } | undefined
    for (;;) {
      const after: SQL | undefined =
        last &&
        sql`(${traces.createdAt}, ${traces.traceId}) < (${sql.param(last.createdAt, traces.createdAt)}, ${last.traceId})`
      const rows: { traceId: string; createdAt: string; document: string | null }[] = await this.#run(
        'read traces',
        () =>
          this.#store.db
            .select({ traceId: traces.traceId, createdAt: traces.createdAt, document: traces.document })
            .from(traces)
            .where(and(this.#ours, condition, after))
            .orderBy(...this.#newestFirst)
            .limit(batchRows),
      )
      for (const row of rows) {
        const saved = await this.#savedOf(row)
        if (saved) yield saved
      }
      last = rows.at(-1)
      if (rows.length < batchRows) return
    }
  }

  async #savedOf({ traceId, createdAt, document }: { traceId: string; createdAt: string; document: string | null }) {
    const stored = fromColumn(document)
    if (stored?.format === 'selectools') return fromLine(stored.text).saved
    const trace = await this.#traceOf(traceId, document)
    return trace && toSaved(trace, microsFromIso(createdAt))
  }

  async #traceOf(traceId: string, document: string | null): Promise<AgentTrace | undefined> {
    const stored = fromColumn(document)
    if (stored) return agentTraceIn(stored)
    const trace = await this.#store.traces.get(traceId)
    return trace && agentTraceOfRows(trace)
  }

  /** A trace that was made from an agentprobe document is stored as that, as long as it says the same. */
  async #write(saved: SavedTrace, trace: AgentTrace): Promise<void> {
    const document = agentprobeIn(trace)
    const [source, run]: ['agentprobe' | 'selectools', RunRecord] = document
      ? ['agentprobe', runOfAgentprobe(document, writeAgentprobeTrace(document), saved.savedMicros)]
      : ['selectools', runOfTrace(trace, saved)]
    const { runs } = this.#store.writers
    try {
      // The trace may have been stored in the other format before: those spans would count as another source.
      if (holdsAgentprobe(trace)) {
        const other = sourceOf(document ? 'selectools' : 'agentprobe')
        await runs.forgetSpans([safeText(trace.run_id)], other)
      }
      await runs.save([run], { source: sourceOf(source) })
    } catch (error) {
      const [refused] = error instanceof BatchError ? error.rejected : []
      if (!refused) throw error
      throw new ValidationError('The trace could not be saved', [{ field: 'trace', message: refused.message }])
    }
  }

  async #summaries(condition: SQL | undefined, page?: { limit: number; offset: number }): Promise<TraceSummary[]> {
    const { traces } = this.#store.tables
    const query = () => {
      const all = this.#store.db
        .select({
          run_id: traces.traceId,
          steps: traces.stepCount,
          total_ms: traces.stepsDurationMs,
          created_at: traces.createdAt,
          metadata: traces.metadata,
          awkward: this.#awkwardDocument,
        })
        .from(traces)
        .where(and(this.#ours, condition))
        .orderBy(...this.#newestFirst)
      return page ? all.limit(page.limit).offset(page.offset) : all
    }
    const rows = await this.#run('list traces', query)
    return rows.map(({ awkward, ...row }) => ({ ...row, metadata: { ...row.metadata }, ...exactSummary(awkward) }))
  }

  /** The document, only for traces whose summary needs it. */
  get #awkwardDocument(): SQL<string | null> {
    const { document } = this.#store.tables.traces
    const starts = awkwardPrefixes.map(
      (prefix) => sql`substr(${document}, 1, ${sql.raw(String(prefix.length))}) = ${prefix}`,
    )
    return sql<string | null>`case when ${or(...starts)} then ${document} end`
  }

  #condition({ metadata, minSteps, maxSteps, since, until }: CheckedFilter): SQL | undefined {
    const { traces } = this.#store.tables
    const { json } = this.#store.pool.dialect
    const pairs = metadata.map(([key, value]) => {
      const isEqual = json.equals(traces.metadata, [key], value)
      return value === null ? or(isEqual, sql`((${json.exists(traces.metadata, [key])}) is not true)`) : isEqual
    })
    const number = (value: number) => sql`cast(${value} as double precision)`
    return and(
      minSteps === undefined ? undefined : sql`${traces.stepCount} >= ${number(minSteps)}`,
      maxSteps === undefined ? undefined : sql`${traces.stepCount} <= ${number(maxSteps)}`,
      since === undefined ? undefined : gte(traces.createdAt, isoFromMicros(within(since))),
      until === undefined ? undefined : lte(traces.createdAt, isoFromMicros(within(until))),
      ...pairs,
    )
  }

  get #ours(): SQL {
    return eq(this.#store.tables.traces.projectId, this.#store.projectId)
  }

  get #newestFirst(): SQL[] {
    const { createdAt, traceId } = this.#store.tables.traces
    return [desc(createdAt), desc(traceId)]
  }

  async #run<T>(during: string, query: () => PromiseLike<T>): Promise<T> {
    try {
      return await query()
    } catch (error) {
      throw storageError(error, during)
    }
  }
}

/** Rows hold no instant outside of these years, so a limit beyond them is as good as the last one. */
const within = (micros: number) => Math.min(Math.max(micros, 0), maxMicros)

/** What a document says where its columns do not. */
function exactSummary(document: string | null): Partial<TraceSummary> {
  const stored = fromColumn(document)
  if (!stored) return {}
  if (stored.format === 'agentprobe') return { metadata: readAgentprobeTrace(stored.text).metadata ?? {} }
  const { saved, trace } = fromLine(stored.text)
  return { total_ms: saved.totalMs, metadata: trace.metadata ?? {} }
}
