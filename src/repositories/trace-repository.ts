import { and, asc, type Column, eq, type SQL, sql } from 'drizzle-orm'
import type { EventRow, TraceRow } from '../../schema/tables.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import type { Pool } from '../engines/pool.ts'
import { safeText } from '../text/safe-json.ts'
import { columnsWithout, type heavyTraceColumns, internalColumns, traceSummaryColumns } from './columns.ts'
import type { TraceFilter } from './filters.ts'
import type { Page, PageOptions, StreamOptions } from './page.ts'
import { Repository, type RepositoryOptions } from './repository.ts'
import { type CompiledRead, compileRead, runRead } from './row-reader.ts'
import { type Span, spanOrder } from './span-repository.ts'
import { TableList } from './table-list.ts'
import { type TailOptions, tail } from './tail.ts'
import { readTraceRecords, type TraceRecords, type TraceRecordsOptions } from './trace-records.ts'

type Internal = (typeof internalColumns)[number]

/** An event of a span. */
export type SpanEvent = Omit<EventRow, Internal | 'traceId' | 'spanId'>

/** A span with its events, in order. */
export interface SpanWithEvents extends Span {
  readonly events: SpanEvent[]
}

/** A trace as it is stored, without its spans. */
export type TraceAlone = Omit<TraceRow, Internal | 'authored' | 'document'>

/** A trace with its spans, in order of start. */
export interface Trace extends TraceAlone {
  readonly spans: SpanWithEvents[]
}

/** A trace as lists show it: without its content and its spans. */
export type TraceSummary = Omit<TraceRow, Internal | (typeof heavyTraceColumns)[number]>

/** What is read of a trace. */
export interface GetTraceOptions {
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
  readonly #list: TableList<'traces', ReturnType<typeof traceSummaryColumns>>
  #get: GetStatements | undefined

  constructor(pool: Pool, options?: RepositoryOptions) {
    super(pool, options)
    const { traceId } = pool.tables.traces
    const columns = traceSummaryColumns(pool.tables)
    this.#list = new TableList(this.scope, { entity: 'traces', columns, keys: { traceId } })
  }

  /** A trace with all its spans and their events, or undefined when there is none. */
  get(traceId: string, options?: { spans?: true | undefined }): Promise<Trace | undefined>
  /** A trace alone, or undefined when there is none. */
  get(traceId: string, options: GetTraceOptions): Promise<TraceAlone | undefined>
  async get(traceId: string, { spans = true }: GetTraceOptions = {}): Promise<Trace | TraceAlone | undefined> {
    const key = { project: this.projectId, traceId: safeText(traceId) }
    return this.run('get a trace', async () => {
      this.#get ??= this.#compileGet()
      const { trace, spans: ofSpans, events } = this.#get
      if (!spans) return (await runRead(this.pool, trace, key))[0]
      const reads = [trace.read(key), ofSpans.read(key), events.read(key)]
      const [traceRows = [], spanRows = [], eventRows = []] = await this.pool.snapshot(reads)
      const [found] = trace.rows(traceRows)
      return found && { ...found, spans: withEvents(ofSpans.rows(spanRows), events.rows(eventRows)) }
    })
  }

  /**
   * Traces without their content, newest first unless told otherwise.
   *
   * @throws ValidationError for a limit, an order, a cursor or a filter that is none
   */
  list({
    limit,
    after,
    offset,
    orderBy,
    direction,
    ...filter
  }: TraceFilter & PageOptions = {}): Promise<Page<TraceSummary>> {
    return this.#list.page(filter, { limit, after, offset, orderBy, direction })
  }

  /** The runs that a run started, newest first. */
  runsOf(parentRunId: string, options: PageOptions = {}): Promise<Page<TraceSummary>> {
    return this.#list.page({ parentRunId }, options)
  }

  /** How many traces fit. */
  count(filter: TraceFilter = {}): Promise<number> {
    return this.#list.count(filter)
  }

  /** All traces that fit, without their content, in the memory of one batch. */
  stream({
    after,
    batch,
    signal,
    orderBy,
    direction,
    ...filter
  }: TraceFilter & StreamOptions = {}): AsyncGenerator<TraceSummary, void, undefined> {
    return this.#list.stream(filter, { after, batch, signal, orderBy, direction })
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
    // Neither a cache nor a replica: they may be behind the place that new traces are followed from.
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
   * The stored spans and events of all traces that fit, newest traces first, whole rows in constant memory: what an
   * exporter writes documents from.
   */
  records({
    batchSpans,
    signal,
    ...filter
  }: TraceFilter & TraceRecordsOptions = {}): AsyncGenerator<TraceRecords, void, undefined> {
    return readTraceRecords(this.scope, this.#list.stream(filter, { signal }), { batchSpans, signal })
  }

  #compileGet(): GetStatements {
    const { db, tables } = this.pool
    const { traces, spans, events } = tables
    const traceColumns = columnsWithout(traces, ...internalColumns, 'authored', 'document')
    const spanColumns = columnsWithout(spans, ...internalColumns)
    const eventColumns = columnsWithout(events, ...internalColumns, 'traceId')
    const spanQuery = db
      .select(spanColumns)
      .from(spans)
      .where(inTrace(spans))
      .orderBy(...spanOrder(this.pool))
    const eventQuery = db
      .select(eventColumns)
      .from(events)
      .where(inTrace(events))
      .orderBy(asc(events.spanId), asc(events.ordinal))
    return {
      trace: compileRead(db.select(traceColumns).from(traces).where(inTrace(traces)), traceColumns),
      spans: compileRead(spanQuery, spanColumns, ['events']),
      events: compileRead(eventQuery, eventColumns),
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
