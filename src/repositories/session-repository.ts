import { aliasedTable, and, count, desc, eq, isNotNull, max, min, type SQL } from 'drizzle-orm'
import { eachToken } from '../../schema/tokens.ts'
import type { Pool } from '../engines/pool.ts'
import { safeText } from '../text/safe-json.ts'
import { micro, nano, sum, sumOf, type TokenSums } from './analytics/measures.ts'
import type { TraceFilter } from './filters.ts'
import { Order } from './order.ts'
import { checkedLimit, type Page, pageOf } from './page.ts'
import { compileFilter } from './predicates/compile.ts'
import { Repository } from './repository.ts'

/** A conversation: the sums of its traces. */
export interface Session extends TokenSums {
  readonly sessionId: string
  /** Of the newest trace. */
  readonly userId: string | null
  /** Of the newest trace. */
  readonly agentName: string | null
  readonly traces: number
  readonly spans: number
  /** Spans with status `error`. */
  readonly errors: number
  readonly firstStart: string
  readonly lastStart: string
  readonly lastEnd: string | null
  /** The sum of the traces' wall times in milliseconds. */
  readonly durationMs: number
  /** US dollars, exact to 1e-9. */
  readonly costUsd: number
}

/** A page of sessions. */
export interface SessionPageOptions {
  /** Items of a page, 1 to 1000. @default 50 */
  limit?: number | undefined
  /** The cursor of the page before. */
  after?: string | undefined
}

type TraceTable = Pool['tables']['traces']

/** Reads sessions (conversations) of one project: the traces that share a `sessionId`. */
export class SessionRepository extends Repository {
  /** A session by its id, or undefined when no trace has it. Its traces: `store.traces.list({ sessionId })`. */
  async get(sessionId: string): Promise<Session | undefined> {
    const { items } = await this.list({ sessionId: safeText(sessionId), limit: 1 })
    return items[0]
  }

  /**
   * Sessions, the one with the newest trace first. A filter decides which traces count, for the order and in the sums.
   *
   * @throws ValidationError for a limit, a cursor or a filter that is none
   */
  async list({ limit, after, ...filter }: TraceFilter & SessionPageOptions = {}): Promise<Page<Session>> {
    const size = checkedLimit(limit)
    return this.run('list sessions', async () => {
      const found = await this.#newestTraces(filter, after, size)
      const order = this.#order()
      const page = pageOf(found, size, (last) => order.cursor(last))
      const sums = await this.#sums(
        filter,
        page.items.map(({ sessionId }) => sessionId),
      )
      const items = page.items.flatMap(({ sessionId, userId, agentName }): Session[] => {
        const session = sums.get(sessionId)
        return session ? [{ ...session, userId, agentName }] : []
      })
      return { items, cursor: page.cursor }
    })
  }

  #order(): Order {
    const { traces } = this.pool.tables
    return new Order(traces, { traceId: traces.traceId })
  }

  /**
   * The newest trace of each session, newest first.
   */
  async #newestTraces(filter: TraceFilter, after: string | undefined, size: number) {
    const { db, dialect, tables } = this.pool
    const { traces } = tables
    const order = this.#order()
    const newer: TraceTable = aliasedTable(traces, 'newer')
    const isNewest = dialect.isLast(
      traces.sessionId,
      [traces.startTime, traces.traceId],
      { group: newer.sessionId, order: [newer.startTime, newer.traceId] },
      (field, on, groupBy) => {
        const query = db
          .select({ field })
          .from(newer)
          .where(and(this.#fits(newer, filter), on))
        return groupBy ? query.groupBy(groupBy) : query
      },
    )
    const rows = await db
      .select({
        sessionId: traces.sessionId,
        startTime: traces.startTime,
        traceId: traces.traceId,
        userId: traces.userId,
        agentName: traces.agentName,
      })
      .from(traces)
      .where(and(this.#fits(traces, filter), isNotNull(traces.sessionId), order.after(after), isNewest))
      .orderBy(desc(traces.startTime), desc(traces.traceId))
      .limit(size + 1)
    return rows.flatMap((row) => (row.sessionId === null ? [] : [{ ...row, sessionId: row.sessionId }]))
  }

  async #sums(filter: TraceFilter, sessionIds: readonly string[]) {
    const { db, dialect, tables } = this.pool
    const { traces } = tables
    if (sessionIds.length === 0) return new Map<string, Omit<Session, 'userId' | 'agentName'>>()
    const rows = await db
      .select({
        sessionId: traces.sessionId,
        traces: count(),
        spans: sum(traces.spanCount),
        errors: sum(traces.errorCount),
        firstStart: min(traces.startTime),
        lastStart: max(traces.startTime),
        lastEnd: max(traces.endTime),
        duration: sumOf(traces.durationMs, micro),
        cost: sumOf(traces.costUsd, nano),
        ...eachToken((key) => sum(traces[key])),
      })
      .from(traces)
      .where(and(this.#fits(traces, filter), dialect.isInList(traces.sessionId, dialect.list(sessionIds))))
      .groupBy(traces.sessionId)
    return new Map(
      rows.map(({ sessionId, firstStart, lastStart, duration, cost, ...rest }) => [
        sessionId ?? '',
        {
          ...rest,
          sessionId: sessionId ?? '',
          firstStart: firstStart ?? '',
          lastStart: lastStart ?? '',
          durationMs: duration / micro,
          costUsd: cost / nano,
        },
      ]),
    )
  }

  #fits(table: TraceTable, filter: TraceFilter): SQL | undefined {
    return and(eq(table.projectId, this.projectId), compileFilter(this.scope, 'traces', filter, table))
  }
}
