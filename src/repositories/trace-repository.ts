import { and, asc, type Column, eq, type SQL, sql } from 'drizzle-orm'
import { storageError } from '../driver-errors/storage-error.ts'
import type { Pool, ReadOptions } from '../engines/pool.ts'
import { safeText } from '../text/safe-json.ts'
import type { TraceFilter, TraceOrder } from './entities/traces-and-spans.ts'
import { EntityList } from './entity-list.ts'
import { type Page, type PageOptions, type StreamOptions, splitPageOptions, splitStreamOptions } from './page.ts'
import type { ReadScope } from './read-scope.ts'
import { Repository, type RepositoryOptions } from './repository.ts'
import { type CompiledRead, compileRead, runRead } from './row-reader.ts'
import { spanOrder } from './span-order.ts'
import { type Span, spanColumns } from './span-rows.ts'
import { type TailOptions, tail } from './tail.ts'
import { readTraceRecords, type TraceRecords, type TraceRecordsOptions } from './trace-records.ts'
import {
  eventColumns,
  type SpanEvent,
  type SpanWithEvents,
  type Trace,
  type TraceAlone,
  type TraceSummary,
  traceColumns,
  traceSummaryColumns,
} from './trace-rows.ts'

/** What is read of a trace. */
export interface GetTraceOptions extends ReadOptions {
  /** Whether its spans and their events are read as well. @default true */
  spans?: boolean | undefined
}

interface GetStatements {
  readonly trace: CompiledRead<TraceAlone>
  readonly spans: CompiledRead<Span & { events: null }>
  readonly events: CompiledRead<SpanEvent & { spanId: string }>
}

/** Reads traces of one project. */
export class TraceRepository extends Repository {
  readonly #list: EntityList<'traces', ReturnType<typeof traceSummaryColumns>>
  #get: GetStatements | undefined

  constructor(pool: Pool, options?: RepositoryOptions) {
    super(pool, options)
    const within = (limits: ReadOptions) => this.within(limits)
    this.#list = new EntityList(within, { entity: 'traces', columns: traceSummaryColumns(pool.tables) })
  }

  /** A trace with all its spans and their events, or undefined when there is none. */
  get(traceId: string, options?: ReadOptions & { spans?: true | undefined }): Promise<Trace | undefined>
  /** A trace alone, or undefined when there is none. */
  get(traceId: string, options: GetTraceOptions): Promise<TraceAlone | undefined>
  async get(
    traceId: string,
    { spans = true, ...limits }: GetTraceOptions = {},
  ): Promise<Trace | TraceAlone | undefined> {
    const key = { project: this.projectId, traceId: safeText(traceId) }
    const read = async ({ pool }: ReadScope) => {
      this.#get ??= this.#compileGet()
      const { trace, spans: ofSpans, events } = this.#get
      if (!spans) return (await runRead(pool, trace, key))[0]
      const reads = [trace.read(key), ofSpans.read(key), events.read(key)]
      const [traceRows = [], spanRows = [], eventRows = []] = await pool.snapshot(reads)
      const [found] = trace.rows(traceRows)
      return found && { ...found, spans: withEvents(ofSpans.rows(spanRows), events.rows(eventRows)) }
    }
    return this.run('get a trace', read, limits)
  }

  /**
   * Traces without their content, newest first by default.
   *
   * @throws ValidationError for an invalid limit, order, cursor or filter
   */
  list(options: TraceFilter & PageOptions<TraceOrder> = {}): Promise<Page<TraceSummary>> {
    return this.#list.page(...splitPageOptions<TraceFilter, TraceOrder>(options))
  }

  /** The runs that a run started, newest first. */
  runsOf(parentRunId: string, options: PageOptions<TraceOrder> = {}): Promise<Page<TraceSummary>> {
    return this.#list.page({ parentRunId }, options)
  }

  /** How many traces match. */
  count(filter: TraceFilter & ReadOptions = {}): Promise<number> {
    return this.#list.count(filter)
  }

  /** All traces that match, without their content, in the memory of one batch. */
  stream(options: TraceFilter & StreamOptions<TraceOrder> = {}): AsyncGenerator<TraceSummary, void, undefined> {
    return this.#list.stream(...splitStreamOptions<TraceFilter, TraceOrder>(options))
  }

  /**
   * The last traces in the order of time, then traces as they are stored or change, until the signal ends it.
   *
   * @example
   * for await (const { name, status } of store.traces.tail({ hasError: true, signal })) console.log(name, status)
   */
  async *tail({
    lines,
    pollMs,
    signal,
    once,
    ...filter
  }: TraceFilter & TailOptions = {}): AsyncGenerator<TraceSummary, void, undefined> {
    // Neither a cache nor a replica: they may be behind the cursor that new traces are followed from.
    const stored = new TraceRepository(this.pool.primary, { projectId: this.projectId })
    const list = (limit: number) => stored.list({ ...filter, limit })
    const identity = ({ traceId, updatedAt }: TraceSummary) => `${traceId} ${updatedAt}`
    try {
      yield* tail(this.scope, 'traces', { filter, list, identity }, { lines, pollMs, signal, once })
    } catch (error) {
      throw storageError(error, 'tail traces')
    }
  }

  /**
   * The stored spans and events of all traces that match, newest traces first, whole rows in constant memory: what an
   * exporter writes documents from.
   */
  records({
    batchSpans,
    signal,
    statementTimeoutMs,
    ...filter
  }: TraceFilter & TraceRecordsOptions = {}): AsyncGenerator<TraceRecords, void, undefined> {
    const limits = { signal, statementTimeoutMs }
    return readTraceRecords(this.within(limits), this.#list.stream(filter, limits), { batchSpans, signal })
  }

  #compileGet(): GetStatements {
    const { db, tables } = this.pool
    const { traces, spans, events } = tables
    const [ofTrace, ofSpan, ofEvent] = [traceColumns(tables), spanColumns(tables), eventColumns(tables)]
    const spanQuery = db
      .select(ofSpan)
      .from(spans)
      .where(inTrace(spans))
      .orderBy(...spanOrder(this.pool))
    const eventQuery = db
      .select(ofEvent)
      .from(events)
      .where(inTrace(events))
      .orderBy(asc(events.spanId), asc(events.ordinal))
    return {
      trace: compileRead(db.select(ofTrace).from(traces).where(inTrace(traces)), ofTrace),
      spans: compileRead(spanQuery, ofSpan, ['events']),
      events: compileRead(eventQuery, ofEvent),
    }
  }
}

function withEvents(
  spanRows: readonly (Span & { events: null })[],
  eventRows: readonly (SpanEvent & { spanId: string })[],
): SpanWithEvents[] {
  const spans = spanRows.map((span): SpanWithEvents => Object.assign(span, { events: [] }))
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  for (const { spanId, ...event } of eventRows) byId.get(spanId)?.events.push(event)
  return spans
}

const inTrace = (table: { projectId: Column; traceId: Column }): SQL | undefined =>
  and(eq(table.projectId, sql.placeholder('project')), eq(table.traceId, sql.placeholder('traceId')))
