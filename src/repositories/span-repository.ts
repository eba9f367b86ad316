import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Pool, ReadOptions } from '../engines/pool.ts'
import type { SpanMessages } from '../formats/messages/message.ts'
import { messagesOf } from '../formats/messages/messages-of.ts'
import { safeText } from '../text/safe-json.ts'
import type { SpanFilter, SpanOrder } from './entities/traces-and-spans.ts'
import { EntityList } from './entity-list.ts'
import { type Page, type PageOptions, type StreamOptions, splitPageOptions, splitStreamOptions } from './page.ts'
import type { ReadScope } from './read-scope.ts'
import { Repository, type RepositoryOptions } from './repository.ts'
import { type CompiledRead, compileRead, runRead } from './row-reader.ts'
import { spanOrder } from './span-order.ts'
import { type Span, type SpanNode, type SpanSummary, spanColumns, spanSummaryColumns } from './span-rows.ts'
import { pathTo, type SpanLinkage, subtreeOf } from './span-tree.ts'

/** Log records of one span that are looked through for messages. */
const maxMessageLogs = 1000

/** Reads spans of one project. */
export class SpanRepository extends Repository {
  readonly #list: EntityList<'spans', ReturnType<typeof spanSummaryColumns>>
  #get: CompiledRead<Span> | undefined
  #ofTrace: CompiledRead<SpanSummary> | undefined

  constructor(pool: Pool, options?: RepositoryOptions) {
    super(pool, options)
    const within = (limits: ReadOptions) => this.within(limits)
    this.#list = new EntityList(within, { entity: 'spans', columns: spanSummaryColumns(pool.tables) })
  }

  /** A span by its key, or undefined when there is none. */
  async get(traceId: string, spanId: string, options?: ReadOptions): Promise<Span | undefined> {
    const key = { project: this.projectId, traceId: safeText(traceId), spanId: safeText(spanId) }
    const read = ({ pool }: ReadScope) => {
      this.#get ??= this.#compileGet()
      return runRead(pool, this.#get, key)
    }
    return (await this.run('get a span', read, options))[0]
  }

  /**
   * What went into a span and came out of it, as messages in one shape whatever wrote them: from its columns, its
   * attributes, its events and the log records of it. Undefined when there is no such span.
   */
  async messages(traceId: string, spanId: string, options?: ReadOptions): Promise<SpanMessages | undefined> {
    const span = await this.get(traceId, spanId, options)
    if (span === undefined) return undefined
    const { events, logs } = this.pool.tables
    const [trace, id] = [safeText(traceId), safeText(spanId)]
    const read = ({ pool: { db } }: ReadScope) =>
      Promise.all([
        db
          .select({ name: events.name, attributes: events.attributes })
          .from(events)
          .where(and(eq(events.projectId, this.projectId), eq(events.traceId, trace), eq(events.spanId, id)))
          .orderBy(events.ordinal),
        db
          .select({ eventName: logs.eventName, attributes: logs.attributes, body: logs.body })
          .from(logs)
          .where(and(eq(logs.projectId, this.projectId), eq(logs.traceId, trace), eq(logs.spanId, id)))
          .orderBy(logs.time, logs.logId)
          .limit(maxMessageLogs),
      ])
    const [ofSpan, ofLogs] = await this.run('read the messages of a span', read, options)
    return messagesOf(span, { events: ofSpan, logs: ofLogs })
  }

  /**
   * Spans without their content, newest first by default.
   *
   * @throws ValidationError for an invalid limit, order, cursor or filter
   */
  list(options: SpanFilter & PageOptions<SpanOrder> = {}): Promise<Page<SpanSummary>> {
    return this.#list.page(...splitPageOptions<SpanFilter, SpanOrder>(options))
  }

  /** How many spans match. */
  count(filter: SpanFilter & ReadOptions = {}): Promise<number> {
    return this.#list.count(filter)
  }

  /** All spans that match, without their content, in the memory of one batch. */
  stream(options: SpanFilter & StreamOptions<SpanOrder> = {}): AsyncGenerator<SpanSummary, void, undefined> {
    return this.#list.stream(...splitStreamOptions<SpanFilter, SpanOrder>(options))
  }

  /** All spans of a trace without their content, in order of start. */
  ofTrace(traceId: string, options?: ReadOptions): Promise<SpanSummary[]> {
    const read = ({ pool }: ReadScope) => {
      this.#ofTrace ??= this.#compileOfTrace()
      return runRead(pool, this.#ofTrace, this.#keyOf(traceId))
    }
    return this.run('list the spans of a trace', read, options)
  }

  /** The spans right below a span, in order of start. */
  children(traceId: string, spanId: string, options?: ReadOptions): Promise<SpanSummary[]> {
    const { parentSpanId } = this.pool.tables.spans
    const read = ({ pool }: ReadScope) =>
      runRead(pool, this.#compileOfTrace(eq(parentSpanId, safeText(spanId))), this.#keyOf(traceId))
    return this.run('list the children of a span', read, options)
  }

  /** A span and all below it: parents before children, siblings in order of start. Empty when the span is not there. */
  async subtree(traceId: string, spanId: string, options?: ReadOptions): Promise<SpanNode[]> {
    const found = subtreeOf(await this.#linkage(traceId, options), safeText(spanId))
    const spans = await this.#byIds(traceId, found, options)
    return found.flatMap(({ spanId, depth }) => {
      const span = spans.get(spanId)
      return span ? [{ ...span, depth }] : []
    })
  }

  /** The spans from the root down to a span, itself the last. Empty when the span is not there. */
  async pathToRoot(traceId: string, spanId: string, options?: ReadOptions): Promise<SpanSummary[]> {
    const path = pathTo(await this.#linkage(traceId, options), safeText(spanId)).map((id) => ({ spanId: id }))
    const spans = await this.#byIds(traceId, path, options)
    return path.flatMap(({ spanId }) => spans.get(spanId) ?? [])
  }

  #keyOf(traceId: string) {
    return { project: this.projectId, traceId: safeText(traceId) }
  }

  #linkage(traceId: string, options: ReadOptions | undefined): Promise<SpanLinkage[]> {
    const { tables } = this.pool
    const { projectId, spanId, parentSpanId } = tables.spans
    const read = ({ pool: { db } }: ReadScope) =>
      db
        .select({ spanId, parentSpanId })
        .from(tables.spans)
        .where(and(eq(projectId, this.projectId), eq(tables.spans.traceId, safeText(traceId))))
        .orderBy(...spanOrder(this.pool))
    return this.run('read the tree of a trace', read, options)
  }

  async #byIds(
    traceId: string,
    wanted: readonly { spanId: string }[],
    options: ReadOptions | undefined,
  ): Promise<Map<string, SpanSummary>> {
    const { dialect, tables } = this.pool
    const list = dialect.list(wanted.map(({ spanId }) => spanId))
    const read = ({ pool }: ReadScope) =>
      runRead(pool, this.#compileOfTrace(dialect.isInList(tables.spans.spanId, list)), this.#keyOf(traceId))
    const spans = await this.run('read spans', read, options)
    return new Map(spans.map((span) => [span.spanId, span]))
  }

  #compileGet(): CompiledRead<Span> {
    const { db, tables } = this.pool
    const { spans } = tables
    const columns = spanColumns(tables)
    const key = and(
      eq(spans.projectId, sql.placeholder('project')),
      eq(spans.traceId, sql.placeholder('traceId')),
      eq(spans.spanId, sql.placeholder('spanId')),
    )
    return compileRead(db.select(columns).from(spans).where(key), columns)
  }

  #compileOfTrace(condition?: SQL): CompiledRead<SpanSummary> {
    const { db, tables } = this.pool
    const { spans } = tables
    const columns = spanSummaryColumns(tables)
    const inTrace = and(
      eq(spans.projectId, sql.placeholder('project')),
      eq(spans.traceId, sql.placeholder('traceId')),
      condition,
    )
    const query = db
      .select(columns)
      .from(spans)
      .where(inTrace)
      .orderBy(...spanOrder(this.pool))
    return compileRead(query, columns)
  }
}
