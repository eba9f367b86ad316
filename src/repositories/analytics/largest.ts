import { count, desc, sql } from 'drizzle-orm'
import type { SpanFilter } from '../entities/traces-and-spans.ts'
import { compileFilter } from '../filters/compile.ts'
import type { ReadScope } from '../read-scope.ts'
import { GroupKeys } from './keys.ts'
import { sum } from './measures.ts'
import { spanKeys } from './span-keys.ts'

/** What the sizes of spans are summed by, and the column that it means. */
const columns = { traces: 'traceId', models: 'model', agents: 'agentName' } as const

/** What the sizes of spans are summed by. */
export type LargestBy = keyof typeof columns

/** Spans of one trace, model or agent, and what their content takes. */
export interface Largest {
  /** The id of the trace, or the name; null of spans that have none. */
  readonly name: string | null
  readonly spans: number
  /** Bytes of input, output and attributes as the engine holds them: compressed on PostgreSQL, as text on the others. */
  readonly bytes: number
}

/** The traces, models or agents whose spans take most, the largest first. Spans are grouped as those of `usage`. */
export async function readLargest(
  scope: ReadScope,
  by: LargestBy,
  filter: SpanFilter,
  limit: number,
): Promise<Largest[]> {
  const { db, dialect, tables } = scope.pool
  const { spans, traces } = tables
  const { where } = compileFilter(scope, 'spans', filter)
  const { keys, onTrace, agents } = spanKeys(
    scope,
    (table) => new GroupKeys(dialect, table, [['name', { column: columns[by] }]], undefined, 0),
    where,
  )
  const sizes = [spans.input, spans.output, spans.attributes].map((column) => sum(dialect.storedBytes(column)))
  const bytes = sql<number>`(${sql.join(sizes, sql` + `)})`.mapWith(Number)
  const query = db
    .select({ ...keys.fields, spans: count(), bytes })
    .from(spans)
    .$dynamic()
  const withTraces = onTrace ? query.leftJoin(traces, onTrace) : query
  const rows = await (agents ? withTraces.leftJoin(agents.table, agents.on) : withTraces)
    .where(where)
    .groupBy(...keys.groups)
    .orderBy(desc(bytes), ...keys.groups)
    .limit(limit)
  return rows.map((row) => ({ name: keys.of(row).name ?? null, spans: row.spans, bytes: row.bytes }))
}
