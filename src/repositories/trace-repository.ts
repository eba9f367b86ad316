import { and, asc, type Column, desc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { EventRow, SpanRow, TraceRow } from '../../schema/tables.ts'
import { columnsWithout } from './columns.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { compileFilter, type TraceFilter } from './filters.ts'
import { checkedLimit, type Page, type PageOptions, pageOf } from './page.ts'
import { Repository } from './repository.ts'

/** A span with its events, in order. */
export interface SpanWithEvents extends Omit<SpanRow, 'projectId' | 'commitSeq'> {
  readonly events: Omit<EventRow, 'projectId' | 'traceId' | 'spanId' | 'commitSeq'>[]
}

/** A trace with its spans, in order of start. */
export interface Trace extends Omit<TraceRow, 'projectId' | 'authored' | 'commitSeq'> {
  readonly spans: SpanWithEvents[]
}

/** A trace as lists show it: without its content and its spans. */
export type TraceSummary = Omit<TraceRow, 'projectId' | 'authored' | 'resource' | 'input' | 'output' | 'commitSeq'>

const newestFirst = 'start_time.desc'

/** Reads traces of one project. */
export class TraceRepository extends Repository {
  /** A trace with all its spans and their events, or undefined when there is none. */
  async get(traceId: string): Promise<Trace | undefined> {
    const { db, tables } = this.pool
    const [[trace], spanRows, eventRows] = await this.run(
      'get a trace',
      Promise.all([
        db
          .select(columnsWithout(tables.traces, 'projectId', 'authored', 'commitSeq'))
          .from(tables.traces)
          .where(this.#inTrace(tables.traces, traceId)),
        db
          .select(columnsWithout(tables.spans, 'projectId', 'commitSeq'))
          .from(tables.spans)
          .where(this.#inTrace(tables.spans, traceId))
          .orderBy(asc(tables.spans.startTime), asc(tables.spans.sequence), asc(tables.spans.spanId)),
        db
          .select(columnsWithout(tables.events, 'projectId', 'traceId', 'commitSeq'))
          .from(tables.events)
          .where(this.#inTrace(tables.events, traceId))
          .orderBy(asc(tables.events.spanId), asc(tables.events.ordinal)),
      ]),
    )
    if (!trace) return undefined
    const spans = spanRows.map((span): SpanWithEvents => ({ ...span, events: [] }))
    const byId = new Map(spans.map((span) => [span.spanId, span]))
    for (const { spanId, ...event } of eventRows) byId.get(spanId)?.events.push(event)
    return { ...trace, spans }
  }

  /**
   * Traces, newest first, without their content.
   *
   * @throws ValidationError for a limit, a cursor or a filter that is none
   */
  async list({ limit, after, ...filter }: TraceFilter & PageOptions = {}): Promise<Page<TraceSummary>> {
    const { db, tables } = this.pool
    const { traces } = tables
    const size = checkedLimit(limit)
    const rows = await this.run(
      'list traces',
      db
        .select(columnsWithout(traces, 'projectId', 'authored', 'resource', 'input', 'output', 'commitSeq'))
        .from(traces)
        .where(
          and(eq(traces.projectId, this.projectId), compileFilter(getTableColumns(traces), filter), this.#after(after)),
        )
        .orderBy(desc(traces.startTime), desc(traces.traceId))
        .limit(size + 1),
    )
    return pageOf(rows, size, (last) => encodeCursor(newestFirst, [last.startTime, last.traceId]))
  }

  #inTrace(table: { projectId: Column; traceId: Column }, traceId: string): SQL | undefined {
    return and(eq(table.projectId, this.projectId), eq(table.traceId, traceId))
  }

  #after(cursor: string | undefined): SQL | undefined {
    if (cursor === undefined) return undefined
    const { startTime, traceId } = this.pool.tables.traces
    const [time, id] = decodeCursor(newestFirst, cursor, 2)
    // A comparison of rows, which an index answers at any depth.
    return sql`(${startTime}, ${traceId}) < (${sql.param(time, startTime)}, ${sql.param(id, traceId)})`
  }
}
