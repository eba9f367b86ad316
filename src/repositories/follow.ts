import { setTimeout as delay } from 'node:timers/promises'
import { and, asc, type Column, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { EventRow } from '../../schema/tables.ts'
import { storageError } from '../driver-errors/storage-error.ts'
import type { CommitPoint } from '../engines/commit-order.ts'
import { StorageError, ValidationError } from '../errors.ts'
import { internalSpanColumns, internalTraceColumns } from './columns.ts'
import { type CursorKeys, decodeCursor, encodeCursor } from './cursor.ts'
import { entities, type FilterOf } from './entities/entities.ts'
import { compileFilter } from './filters/compile.ts'
import { type Log, withBody } from './log-rows.ts'
import type { MetricPoint } from './metric-rows.ts'
import { checkedLimit } from './page.ts'
import type { PoolScope } from './read-scope.ts'
import type { Result } from './result-rows.ts'
import { compileRows, type RowColumns } from './row-reader.ts'
import type { Span } from './span-rows.ts'
import type { TraceAlone } from './trace-rows.ts'

/** The rows that can be followed. */
export interface Followed {
  traces: TraceAlone
  spans: Span
  events: Omit<EventRow, 'projectId' | 'commitSeq'>
  results: Result
  metricPoints: MetricPoint
  logs: Log
}

/** How rows are followed. */
export interface FollowOptions<E extends keyof Followed> {
  /** The cursor of the last batch that was dealt with; `'now'` leaves out what is stored already. @default the start */
  after?: string | undefined
  /** Only rows that match. */
  filter?: FilterOf[E] | undefined
  /** Rows of a batch, 1 to 1000. @default 500 */
  limit?: number | undefined
  /** How long to wait before looking again when nothing is new, in milliseconds. @default 1000 */
  pollMs?: number | undefined
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined
  /** Ends the iteration when nothing is new, for a reader that comes back later. @default false */
  once?: boolean | undefined
}

/** Rows in the order of their transactions. */
export interface FollowBatch<T> {
  readonly items: T[]
  /** Where to go on after these rows: keep it once they are dealt with. */
  readonly cursor: string
}

/** Waits for a while, or until there may be something new, or until the signal. */
export type Pause = (mostMs: number, signal?: AbortSignal) => Promise<void>

const sleep: Pause = (ms, signal) => delay(ms, undefined, signal && { signal }).catch(() => undefined)

/** The tables that can be followed. */
export const followedTables = ['traces', 'spans', 'events', 'results', 'metricPoints', 'logs'] as const

/**
 * The cursor at which `follow` begins: the one given, once checked, or the one that `'now'` is.
 *
 * @throws ValidationError for an invalid cursor
 */
export async function followCursor(scope: PoolScope, entity: keyof Followed, after?: string): Promise<string> {
  const reader = new FollowReader(scope, entity, {})
  return reader.cursor(await reader.start(after))
}

/**
 * Rows as they are stored, old ones first, then new ones as they come. Every row comes at least once; one that is
 * stored again comes again. The order is that of transactions, and a row is shown when every transaction with a lower
 * number has ended: nothing can appear behind the cursor, and one long transaction delays what came after it. A
 * cursor is of one history: a database that was restored, copied or promoted is followed from the start. An outage of the
 * database is waited out.
 *
 * @param pause waits before the next look when nothing is new
 * @throws ValidationError for an invalid cursor, filter or option; RestoredError for a cursor of another history, and for
 *   rows that the server has not numbered
 */
export async function* follow<E extends keyof Followed>(
  scope: PoolScope,
  entity: E,
  { after, filter, limit, pollMs = 1_000, signal, once = false }: FollowOptions<E> = {},
  pause: Pause = sleep,
): AsyncGenerator<FollowBatch<Followed[E]>, void, undefined> {
  if (!followedTables.includes(entity)) throw fault('table', `must be one of ${followedTables.join(', ')}`)
  const size = checkedLimit(limit ?? 500)
  if (!(pollMs >= 1 && pollMs <= 3_600_000)) throw fault('pollMs', 'must be from 1 to 3600000')
  const reader = new FollowReader(scope, entity, filter ?? {})
  let position = await reader.start(after)
  /** Reads, again and again while the database is away; undefined once the signal says that nobody waits. */
  const persistently = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    for (;;) {
      try {
        return await read()
      } catch (error) {
        if (once || !(error instanceof StorageError && error.retryable)) throw error
      }
      if (signal?.aborted) return undefined
      await pause(Math.max(pollMs, shortestRetryMs), signal)
      if (signal?.aborted) return undefined
    }
  }
  while (!signal?.aborted) {
    const point = await persistently(() => reader.now(position.at))
    if (!point) return
    let isBehind = position.commit < point.horizon
    while (isBehind && !signal?.aborted) {
      const rows = await persistently(() => reader.read(position, point.horizon, size))
      if (!rows) return
      isBehind = rows.length === size
      const last = rows.at(-1)
      // A filter may pass nothing for long: the position moves on with what was looked at.
      position = isBehind && last ? reader.positionOf(last, point) : reader.endOf(point)
      if (rows.length > 0) yield { items: rows.map((row) => reader.shown(row)), cursor: reader.cursor(position) }
    }
    if (once) return
    await pause(pollMs, signal)
  }
}

/** The cursor after everything that is stored by now. */
export const cursorOfNow = (scope: PoolScope, entity: keyof Followed): Promise<string> =>
  followCursor(scope, entity, 'now')

/** The shortest wait before a database that is away is asked again, in milliseconds. */
const shortestRetryMs = 250

/** A position between rows: after this one. */
interface Position {
  readonly commit: number
  readonly keys: CursorKeys
  /** Where the database was when the row was read; undefined before the first look. */
  readonly at: CommitPoint | undefined
}

type Row = Readonly<Record<string, unknown>>

class FollowReader<E extends keyof Followed> {
  readonly beforeAll: CursorKeys
  readonly #scope: PoolScope
  readonly #entity: E
  /** What the filter asks for; an invalid one is an error at once, not when there is something to read. */
  readonly #condition: SQL | undefined
  readonly #keys: readonly string[]
  readonly #order: string

  constructor(scope: PoolScope, entity: E, filter: FilterOf[E]) {
    this.#scope = { ...scope, pool: scope.pool.primary }
    this.#entity = entity
    this.#condition = compileFilter(scope, entity, filter).condition
    this.#keys = entities[entity].keys
    this.#order = `commit.${entity}`
    // No id is empty and no ordinal negative.
    this.beforeAll = this.#keys.map((key) => (key === 'ordinal' ? -1 : ''))
  }

  async start(after: string | undefined): Promise<Position> {
    if (after === undefined) return { commit: 0, keys: this.beforeAll, at: undefined }
    if (after === 'now') return this.endOf(await this.now())
    const count = this.#keys.length
    const [commit, ...rest] = decodeCursor(this.#order, after, 1 + count + 2)
    const [keys, [horizon, history]] = [rest.slice(0, count), rest.slice(count)]
    const fits = keys.every((key, i) => (this.#keys[i] === 'ordinal' ? isNumber(key) : typeof key === 'string'))
    if (fits && isNumber(commit) && isNumber(horizon) && commit >= 0 && typeof history === 'string') {
      return { commit, keys, at: history === noHistory ? undefined : { horizon, history } }
    }
    throw new ValidationError('Invalid page', [{ field: 'after', message: 'is not a cursor that follow returned' }])
  }

  cursor({ commit, keys, at }: Position): string {
    return encodeCursor(this.#order, [commit, ...keys, at?.horizon ?? 0, at?.history ?? noHistory])
  }

  endOf(at: CommitPoint): Position {
    return { commit: at.horizon, keys: this.beforeAll, at }
  }

  positionOf(row: Row, at: CommitPoint): Position {
    return { commit: Number(row.commitSeq), keys: this.#keys.map((key) => row[key] as CursorKeys[number]), at }
  }

  shown(row: Row): Followed[E] {
    const { commitSeq: _, ...rest }: Record<string, unknown> = row
    const shown: unknown = this.#entity === 'logs' ? withBody(rest as unknown as Log) : rest
    return shown as Followed[E]
  }

  now(since?: CommitPoint): Promise<CommitPoint> {
    return this.#scope.pool.commitOrder.now(since)
  }

  async read(position: Position, horizon: number, limit: number): Promise<Row[]> {
    const { pool, projectId } = this.#scope
    const table = pool.tables[this.#entity] as unknown as Columns & PgTable
    // Not read: what `get` does not show either.
    const all: Record<string, PgColumn> = getTableColumns(table)
    const columns = Object.fromEntries(Object.entries(all).filter(([key]) => !notShown.has(key)))
    const order = [table.commitSeq, ...this.#keys.map((key) => columns[key] as Column)]
    const from = [pool.dialect.commit(position.commit), ...position.keys.map((key) => sql`${key}`)]
    const isNext = and(
      eq(table.projectId, projectId),
      sql`(${sql.join(order, sql`, `)}) > (${sql.join(from, sql`, `)})`,
      sql`${table.commitSeq} < ${pool.dialect.commit(horizon)}`,
      this.#condition,
    )
    try {
      const query = pool.db
        .select(columns)
        .from(table)
        .where(isNext)
        .orderBy(...order.map((column) => asc(column)))
        .limit(limit)
      // A filter may pass few of many rows.
      const isLong = this.#condition !== undefined
      return await compileRows(pool, query, columns as RowColumns, { isLong })()
    } catch (error) {
      throw storageError(error, `follow ${this.#entity}`)
    }
  }
}

/** Of a cursor that was made before the first look. */
const noHistory = '-'

const isNumber = (key: unknown): key is number => Number.isSafeInteger(key)

const notShown: ReadonlySet<string> = new Set(
  [...internalTraceColumns, ...internalSpanColumns, 'rowNumber'].filter((key) => key !== 'commitSeq'),
)

type Columns = { readonly projectId: PgColumn; readonly commitSeq: PgColumn }

const fault = (field: string, message: string) => new ValidationError('Invalid follow', [{ field, message }])
