import { aliasedTable, and, countDistinct, isNotNull, type SQL, sql } from 'drizzle-orm'
import type { Pool, ReadOptions } from '../engines/pool.ts'
import { safeText } from '../text/safe-json.ts'
import { partOf } from './analytics/keys.ts'
import type { TraceFilter } from './entities/traces-and-spans.ts'
import { compileFilter } from './filters/compile.ts'
import { checkedOrder, type Direction, Order, type OrderTerm, termOf } from './order.ts'
import {
  checkedLimit,
  checkedOffset,
  type Page,
  type PageOptions,
  pageOf,
  type StreamOptions,
  splitPageOptions,
  splitStreamOptions,
  streamPages,
} from './page.ts'
import { splitReadOptions } from './read-options.ts'
import type { ReadScope } from './read-scope.ts'
import { Repository } from './repository.ts'
import { orderedSums, readSessionSums, type Session, type SessionOrder, sessionOrders } from './session-sums.ts'

type TraceTable = Pool['tables']['traces']

/** What a page needs of a session beside its sums: who spoke last. */
type NewestTrace = Pick<Session, 'sessionId' | 'userId' | 'agentName'>

/**
 * Reads sessions (conversations) of one project: the traces that share a `sessionId`. A filter decides which traces
 * count, for the order and in the sums.
 */
export class SessionRepository extends Repository {
  /** A session by its id, or undefined when no trace has it. Its traces: `store.traces.list({ sessionId })`. */
  async get(sessionId: string, options?: ReadOptions): Promise<Session | undefined> {
    const { items } = await this.list({ ...options, sessionId: safeText(sessionId), limit: 1 })
    return items[0]
  }

  /**
   * Sessions, the one with the newest trace first by default.
   *
   * @throws ValidationError for an invalid limit, order, cursor or filter
   */
  async list(options: TraceFilter & PageOptions<SessionOrder> = {}): Promise<Page<Session>> {
    const [filter, page] = splitPageOptions<TraceFilter, SessionOrder>(options)
    const { orderBy, direction } = checkedOrder(sessionOrders, page)
    const [limit, offset] = [checkedLimit(page.limit), checkedOffset(page.offset)]
    const read = async (scope: ReadScope) => {
      const { items: found, cursor } =
        orderBy === 'time'
          ? await this.#byNewestTrace(scope, filter, direction, page.after, limit, offset)
          : await this.#bySums(scope, filter, orderBy, direction, page.after, limit, offset)
      const ids = found.map(({ sessionId }) => sessionId)
      const sums = await readSessionSums(scope, filter, ids)
      const items = found.flatMap(({ sessionId, userId, agentName }): Session[] => {
        const session = sums.get(sessionId)
        return session ? [{ ...session, userId, agentName }] : []
      })
      return { items, cursor }
    }
    return this.run('list sessions', read, page)
  }

  /** How many sessions have a trace that matches. */
  async count(options: TraceFilter & ReadOptions = {}): Promise<number> {
    const [filter, limits] = splitReadOptions<TraceFilter>(options)
    const { traces } = this.pool.tables
    const read = ({ pool }: ReadScope) =>
      pool.db
        .select({ sessions: countDistinct(traces.sessionId) })
        .from(traces)
        .where(this.#where(traces, filter))
    const rows = await this.run('count sessions', read, limits)
    return rows[0]?.sessions ?? 0
  }

  /** All sessions that have a trace that matches, in the memory of one batch. */
  stream(options: TraceFilter & StreamOptions<SessionOrder> = {}): AsyncGenerator<Session, void, undefined> {
    const [filter, { batch, after, ...order }] = splitStreamOptions<TraceFilter, SessionOrder>(options)
    const page = (limit: number, cursor: string | undefined) => this.list({ ...filter, ...order, limit, after: cursor })
    return streamPages(page, { after, batch, signal: order.signal })
  }

  /** In the order of the newest trace of each session, which an index of traces answers from any cursor on. */
  async #byNewestTrace(
    scope: ReadScope,
    filter: TraceFilter,
    direction: Direction,
    after: string | undefined,
    limit: number,
    offset: number,
  ): Promise<Page<NewestTrace>> {
    const { traces } = this.pool.tables
    const order = new Order({
      name: `sessions.time.${direction}`,
      terms: [termOf('startTime', traces.startTime, 'instant'), termOf('traceId', traces.traceId, 'text')],
      direction,
    })
    const query = this.#newestTraces(scope, filter, order.after(after))
      .orderBy(...order.terms)
      .limit(limit + 1)
    const { items, cursor } = pageOf(await (offset > 0 ? query.offset(offset) : query), limit, (last) =>
      order.cursor(last),
    )
    return { items: items.flatMap(withSession), cursor }
  }

  /** In the order of a sum, over all sessions that the filter leaves. */
  async #bySums(
    scope: ReadScope,
    filter: TraceFilter,
    orderBy: Exclude<SessionOrder, 'time'>,
    direction: Direction,
    after: string | undefined,
    limit: number,
    offset: number,
  ): Promise<Page<NewestTrace>> {
    const { db, dialect, tables } = scope.pool
    const { traces } = tables
    const { value, kind, encoder } = orderedSums(tables)[orderBy]
    const grouped = db
      .select({ sessionId: sql`${traces.sessionId}`.as('session_id'), value: value.as('value') })
      .from(traces)
      .where(this.#where(traces, filter))
      .groupBy(traces.sessionId)
      .as('grouped')
    const [sessionId, summed] = [partOf('grouped', 'session_id'), partOf('grouped', 'value')]
    const terms: [OrderTerm, OrderTerm] = [
      { name: 'value', value: summed, kind, isNullable: false, encoder },
      { name: 'sessionId', value: sessionId, kind: 'text', isNullable: false, encoder: traces.sessionId },
    ]
    const order = new Order({ name: `sessions.${orderBy}.${direction}`, terms, direction })
    const query = db
      .select({
        sessionId: sql<string>`${sessionId}`,
        value: encoder ? sql`${summed}`.mapWith(encoder) : sql`${summed}`.mapWith(Number),
      })
      .from(grouped)
      .where(order.after(after))
      .orderBy(...order.terms)
      .limit(limit + 1)
    const page = pageOf(await (offset > 0 ? query.offset(offset) : query), limit, (last) => order.cursor(last))
    const list = dialect.list(page.items.map(({ sessionId }) => sessionId))
    const newest = await this.#newestTraces(scope, filter, dialect.isInList(traces.sessionId, list))
    const bySession = new Map(newest.flatMap(withSession).map((trace) => [trace.sessionId, trace]))
    return { items: page.items.flatMap(({ sessionId }) => bySession.get(sessionId) ?? []), cursor: page.cursor }
  }

  /** The newest trace of each session. */
  #newestTraces(scope: ReadScope, filter: TraceFilter, condition: SQL | undefined) {
    const { db, dialect, tables } = scope.pool
    const { traces } = tables
    const newer: TraceTable = aliasedTable(traces, 'newer')
    const isNewest = dialect.isLast(
      traces.sessionId,
      [traces.startTime, traces.traceId],
      { group: newer.sessionId, order: [newer.startTime, newer.traceId] },
      (field, on, groupBy) => {
        const query = db
          .select({ field })
          .from(newer)
          .where(and(compileFilter(this.scope, 'traces', filter, newer).where, on))
        return groupBy ? query.groupBy(groupBy) : query
      },
    )
    const { sessionId, startTime, traceId, userId, agentName } = traces
    return db
      .select({ sessionId, startTime, traceId, userId, agentName })
      .from(traces)
      .where(and(this.#where(traces, filter), condition, isNewest))
  }

  #where(table: TraceTable, filter: TraceFilter): SQL | undefined {
    return and(compileFilter(this.scope, 'traces', filter, table).where, isNotNull(table.sessionId))
  }
}

function withSession<T extends { sessionId: string | null }>(row: T): (T & { sessionId: string })[] {
  const { sessionId } = row
  return sessionId === null ? [] : [{ ...row, sessionId }]
}
