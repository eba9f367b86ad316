import { aliasedTable, eq, getTableColumns, Subquery, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Tables } from '../../schema/tables.ts'
import { builtInMetrics } from './metric-built-in.ts'
import type { ReadScope } from './read-scope.ts'

const alias = 'known_metrics'

/**
 * Metrics to select from: the described ones, and the built-in ones that nobody described. The database filters both,
 * so that a filter means the same for each.
 */
export function knownMetrics({ pool, projectId }: ReadScope): { from: Subquery; table: Tables['metrics'] } {
  const { metrics } = pool.tables
  const columns: Record<string, PgColumn> = getTableColumns(metrics)
  const { commitSeq: _, ...read } = columns
  const names = Object.values(read).map((column) => sql.identifier(column.name))
  const described = sql`select ${sql.join(names, sql`, `)} from ${metrics} where ${eq(metrics.projectId, projectId)}`
  const builtIn = builtInMetrics.map((metric) => {
    const values = Object.entries(read).map(([name, column]) => {
      const value: unknown = name === 'projectId' ? projectId : metric[name as keyof typeof metric]
      return sql`${value === null ? null : sql.param(value, column)} as ${sql.identifier(column.name)}`
    })
    const isDescribed = sql`select ${metrics.name} from ${metrics} where ${eq(metrics.projectId, projectId)}`
    return sql`select ${sql.join(values, sql`, `)} where ${metric.name} not in (${isDescribed})`
  })
  const known = sql.join([described, ...builtIn], sql` union all `)
  return { from: new Subquery(known, {}, alias), table: aliasedTable(metrics, alias) }
}
