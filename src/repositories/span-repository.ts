import { and, desc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { SpanRow } from '../../schema/tables.ts'
import { columnsWithout } from './columns.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { compileFilter, type SpanFilter } from './filters.ts'
import { checkedLimit, type Page, type PageOptions, pageOf } from './page.ts'
import { Repository } from './repository.ts'

/** A span as it is stored. */
export type Span = Omit<SpanRow, 'projectId' | 'commitSeq'>

/** A span as lists show it: without its content, attributes and resource. */
export type SpanSummary = Omit<
  Span,
  'input' | 'output' | 'contentKeys' | 'attributes' | 'attributeTypes' | 'resource' | 'scope' | 'links' | 'dropped'
>

const newestFirst = 'start_time.desc'

/** Reads spans of one project. */
export class SpanRepository extends Repository {
  /** A span by its key, or undefined when there is none. */
  async get(traceId: string, spanId: string): Promise<Span | undefined> {
    const { db, tables } = this.pool
    const { spans } = tables
    const [span] = await this.run(
      'get a span',
      db
        .select(columnsWithout(spans, 'projectId', 'commitSeq'))
        .from(spans)
        .where(and(eq(spans.projectId, this.projectId), eq(spans.traceId, traceId), eq(spans.spanId, spanId))),
    )
    return span
  }

  /**
   * Spans, newest first, without their content.
   *
   * @throws ValidationError for a limit, a cursor or a filter that is none
   */
  async list({ limit, after, ...filter }: SpanFilter & PageOptions = {}): Promise<Page<SpanSummary>> {
    const { db, tables } = this.pool
    const { spans } = tables
    const size = checkedLimit(limit)
    const light = columnsWithout(
      spans,
      'projectId',
      'input',
      'output',
      'contentKeys',
      'attributes',
      'attributeTypes',
      'resource',
      'scope',
      'links',
      'dropped',
      'commitSeq',
    )
    const rows = await this.run(
      'list spans',
      db
        .select(light)
        .from(spans)
        .where(
          and(eq(spans.projectId, this.projectId), compileFilter(getTableColumns(spans), filter), this.#after(after)),
        )
        .orderBy(desc(spans.startTime), desc(spans.traceId), desc(spans.spanId))
        .limit(size + 1),
    )
    return pageOf(rows, size, (last) => encodeCursor(newestFirst, [last.startTime, last.traceId, last.spanId]))
  }

  #after(cursor: string | undefined): SQL | undefined {
    if (cursor === undefined) return undefined
    const { startTime, traceId, spanId } = this.pool.tables.spans
    const [time, trace, span] = decodeCursor(newestFirst, cursor, 3)
    // A comparison of rows, which an index answers at any depth.
    return sql`(${startTime}, ${traceId}, ${spanId}) < (${sql.param(time, startTime)}, ${trace}, ${span})`
  }
}
