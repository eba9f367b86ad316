import { count, getTableColumns, max, min, sql } from 'drizzle-orm'
import { errorSeverity } from '../../schema/logs.ts'
import type { Measurement } from './analytics/groups.ts'
import type { KeysOf, Measured } from './analytics/keys.ts'
import { countIf } from './analytics/measures.ts'
import type { LogFilter } from './entities/logs.ts'
import { compileFilter } from './filters/compile.ts'
import type { ReadScope } from './read-scope.ts'

/** What logs can be grouped by, and the column that it means. */
export const logDimensions = {
  service: 'serviceName',
  environment: 'environment',
  event: 'eventName',
  trace: 'traceId',
} as const

/** A name that logs can be grouped by. */
export type LogDimension = keyof typeof logDimensions

/** What a group of logs holds. */
export interface LogStatistics {
  readonly logs: number
  /** Of severity 17 and more. */
  readonly errors: number
  /** errors / logs; 0 of nothing. */
  readonly errorRate: number
  /** Of severity 13 to 16. */
  readonly warnings: number
  /** The time of the first and the last; null of nothing. */
  readonly firstTime: string | null
  readonly lastTime: string | null
}

/** The statistics of no logs. */
export const noLogs: LogStatistics = {
  logs: 0,
  errors: 0,
  errorRate: 0,
  warnings: 0,
  firstTime: null,
  lastTime: null,
}

/** What groups of logs hold. */
export const logStatistics: Measurement<LogStatistics, LogFilter, LogDimension> = {
  during: 'sum up logs',
  dimensions: logDimensions,
  zeros: noLogs,
  read: readLogStatistics,
}

async function readLogStatistics(
  scope: ReadScope,
  filter: LogFilter,
  keysOf: KeysOf,
): Promise<Measured<LogStatistics>[]> {
  const { db, tables } = scope.pool
  const { logs } = tables
  const table = { ...getTableColumns(logs), startTime: logs.time }
  const keys = keysOf(table)
  const rows = await db
    .select({
      ...keys.fields,
      logs: count(),
      errors: countIf(sql`${logs.severity} >= ${sql.raw(String(errorSeverity))}`),
      warnings: countIf(sql`${logs.severity} between 13 and 16`),
      firstTime: min(logs.time),
      lastTime: max(logs.time),
    })
    .from(logs)
    .where(compileFilter(scope, 'logs', filter).where)
    .groupBy(...keys.groups)
  return rows.map((row): Measured<LogStatistics> => {
    const { logs, errors, warnings, firstTime, lastTime } = row
    return {
      key: keys.of(row),
      measures: { logs, errors, errorRate: logs === 0 ? 0 : errors / logs, warnings, firstTime, lastTime },
    }
  })
}
