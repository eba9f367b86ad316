import { sql } from 'drizzle-orm'
import { encodeCursor } from './cursor.ts'
import { type FollowOptions, follow } from './follow.ts'
import type { LogFilter } from './log-filter.ts'
import type { Log, LogRepository, LogSummary } from './log-repository.ts'
import type { FilterScope } from './predicates/compile.ts'

/** How logs are tailed. */
export interface TailOptions extends Pick<FollowOptions<'logs'>, 'pollMs' | 'signal' | 'once'> {
  /** How many of the last lines come first, 0 to 1000. @default 10 */
  lines?: number | undefined
}

/** The last log records in the order of time, then new ones as they are stored, each once. */
export async function* tailLogs(
  scope: FilterScope,
  logs: Pick<LogRepository, 'list'>,
  filter: LogFilter,
  { lines = 10, ...options }: TailOptions,
): AsyncGenerator<LogSummary | Log, void, undefined> {
  const { db, dialect } = scope.pool
  // The new ones begin at a place that is taken before the last ones are read: what is stored meanwhile is in both.
  const [now] = await db.select({ commit: dialect.commitHorizon }).from(sql`(select 1 as one) as now`)
  const after = encodeCursor('commit.logs', [now?.commit ?? 0, ''])
  const last = lines > 0 ? (await logs.list({ ...filter, limit: lines })).items : []
  const shown = new Set(last.map(({ logId }) => logId))
  yield* last.toReversed()
  for await (const { items } of follow(scope, 'logs', { ...options, after, filter })) {
    for (const log of items) if (!shown.delete(log.logId)) yield log
  }
}
