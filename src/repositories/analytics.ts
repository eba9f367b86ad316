import { and, asc, type Column, count, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { ValidationError } from '../errors.ts'
import { compileFilter, type SpanFilter } from './filters.ts'
import { Repository } from './repository.ts'

/** What usage can be grouped by, and the column that it means. */
const dimensions = {
  kind: 'kind',
  agent: 'agentName',
  provider: 'provider',
  model: 'model',
  tool: 'toolName',
} as const

/** A name that usage can be grouped by. */
export type UsageDimension = keyof typeof dimensions

/** The names that usage can be grouped by. */
export const usageDimensions = Object.keys(dimensions) as UsageDimension[]

/** What a group of spans used. Token sums are 0 where no span reported any. */
export interface Usage {
  readonly spans: number
  /** Spans with status `error`. */
  readonly errors: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
  /** US dollars, exact to 1e-9; 0 where no span reported a cost. */
  readonly costUsd: number
}

/** Usage of one group: the names grouped by (null where spans have none), and its sums. */
export type UsageGroup<D extends UsageDimension> = Usage & { readonly [K in D]: string | null }

/** Sums over spans of one project. */
export class Analytics extends Repository {
  /**
   * Spans, errors, tokens and cost, one group for each combination of names, in the order of the names. Without `by`
   * there is one group.
   *
   * @throws ValidationError for a dimension or a filter that is none
   */
  async usage<D extends UsageDimension = never>({
    by = [],
    ...filter
  }: SpanFilter & { by?: readonly D[] } = {}): Promise<UsageGroup<D>[]> {
    const { db, tables, dialect } = this.pool
    const { spans } = tables
    const names = by.map((name) => [name, this.#column(name)] as const)
    const sum = (column: Column | SQL) => sql<number>`coalesce(sum(${column}), 0)`.mapWith(Number)
    const nanoDollars = dialect.asInteger(sql`floor(${spans.costUsd} * 1000000000 + 0.5)`)
    const rows = await this.run(
      'sum the usage',
      db
        .select({
          ...Object.fromEntries(names),
          spans: count(),
          errors: sum(sql`case when ${spans.status} = 'error' then 1 else 0 end`),
          inputTokens: sum(spans.inputTokens),
          outputTokens: sum(spans.outputTokens),
          totalTokens: sum(spans.totalTokens),
          costUsd: sum(nanoDollars),
        })
        .from(spans)
        .where(and(eq(spans.projectId, this.projectId), compileFilter(getTableColumns(spans), filter)))
        .groupBy(...names.map(([, column]) => column))
        .orderBy(...names.map(([, column]) => asc(column))),
    )
    return rows.map((row) => ({ ...row, costUsd: row.costUsd / 1e9 })) as unknown as UsageGroup<D>[]
  }

  #column(name: UsageDimension): PgColumn {
    const key = Object.hasOwn(dimensions, name) ? dimensions[name] : undefined
    if (key) return this.pool.tables.spans[key]
    throw new ValidationError('Invalid usage', [
      { field: 'by', message: `must be among ${Object.keys(dimensions).join(', ')}` },
    ])
  }
}
