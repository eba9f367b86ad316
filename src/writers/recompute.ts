import { type Placeholder, type SQL, sql } from 'drizzle-orm'
import type { Tables } from '../../schema/tables.ts'
import { derivedColumns, summedColumns } from '../../schema/traces.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { columnSpecs } from './accepted-row.ts'

/**
 * The trace rows that follow from what is stored: one query, used by every sink. Each visible column is the author's
 * value, else what all spans of the trace say (sums: the other way round), so that the order and the repetition of
 * batches leave no mark.
 */

/** The traces to bring up to date: a project, and trace ids as the dialect's `list` writes them. */
export interface Touched {
  readonly projectId: string | Placeholder
  readonly traceIds: string | Placeholder
}

type Expressions = Record<string, SQL>

const names = Object.fromEntries(columnSpecs.traces.map(({ key, name, type }) => [key, { name, type }]))
const trace = (key: string) => sql.raw(`t."${names[key]?.name}"`)
const derived = (name: string) => sql.raw(`d."${name}"`)
const span = (name: string) => sql.raw(`s."${name}"`)

/** Columns of the root span; where the root has none, the first among the spans by bytes. */
const fromRootElseFirst = [
  'session_id',
  'user_id',
  'service_name',
  'agent_name',
  'agent_version',
  'environment',
  'provider',
  'model',
]
const fromRoot = ['name', 'status', 'status_message']

/**
 * A statement that brings the rows of some traces up to date with their spans. The rows must exist.
 */
export function refreshTraces(dialect: Dialect, tables: Tables, touched: Touched): SQL {
  const { traces } = tables
  const columns = Object.entries(visibleColumns(dialect))
  const select = columns.map(([name, value]) => sql`${value} as ${sql.identifier(name)}`)
  const set = columns.map(([name]) => sql`${sql.identifier(name)} = ${sql.raw(`v."${name}"`)}`)
  return sql`update ${traces} set ${sql.join(set, sql`, `)}, commit_seq = ${dialect.currentCommit}
    from (
      select ${trace('traceId')} as trace_id, ${sql.join(select, sql`, `)}
      from ${traces} as t
      left join (${spanSummaries(dialect, tables, touched)}) as d on ${derived('trace_id')} = ${trace('traceId')}
      where ${trace('projectId')} = ${touched.projectId} and ${dialect.isInList(trace('traceId'), touched.traceIds)}
    ) as v
    where ${traces.projectId} = ${touched.projectId} and ${traces.traceId} = v.trace_id
      and ${dialect.isInList(traces.traceId, touched.traceIds)}`
}

/** What a trace row shows, by column name, over the trace `t` and the summary of its spans `d`. */
function visibleColumns(dialect: Dialect): Expressions {
  const authored = (key: string): SQL => {
    const value = dialect.jsonText(trace('authored'), key)
    switch (names[key]?.type) {
      case 'timestamp':
        return dialect.instantFromText(value)
      case 'real':
        return dialect.asFloat(value)
      case 'int':
      case 'bigint':
        return dialect.asInteger(value)
      default:
        return value
    }
  }
  const name = (key: string) => names[key]?.name ?? key
  const visible: Expressions = {}
  for (const key of derivedColumns) visible[name(key)] = sql`coalesce(${authored(key)}, ${derived(name(key))})`
  for (const key of summedColumns) visible[name(key)] = sql`coalesce(${derived(name(key))}, ${authored(key)})`

  const start = sql`coalesce(${authored('startTime')}, ${derived('start_time')}, ${trace('writtenAt')})`
  const end = visible.end_time ?? sql`null`
  visible.start_time = start
  visible.duration_ms = sql`coalesce(${authored('durationMs')}, ${dialect.asFloat(dialect.microsBetween(start, end))} / 1000)`
  visible.status = sql`coalesce(${authored('status')}, ${derived('status')}, 'unset')`
  visible.run_id = authored('runId')
  visible.parent_run_id = authored('parentRunId')
  for (const key of ['spanCount', 'errorCount', 'llmCallCount', 'toolCallCount']) {
    visible[name(key)] = sql`coalesce(${derived(name(key))}, 0)`
  }
  visible.step_count = sql`coalesce(${authored('stepCount')}, ${derived('step_count')}, 0)`
  visible.steps_duration_ms = sql`coalesce(${authored('stepsDurationMs')}, ${derived('steps_duration_ms')}, 0)`

  const isAuthored = sql`${trace('authored')} is not null`
  visible.created_at = sql`case when ${isAuthored} then ${trace('writtenAt')} else ${derived('first_written_at')} end`
  visible.updated_at = sql`case when ${derived('last_written_at')} is null or (${isAuthored} and ${trace('writtenAt')} > ${derived('last_written_at')})
    then ${trace('writtenAt')} else ${derived('last_written_at')} end`
  return visible
}

/** One row per touched trace that has spans: counts, sums, times, and the columns of its root span. */
function spanSummaries(dialect: Dialect, tables: Tables, touched: Touched): SQL {
  const count = (condition: SQL) => dialect.asInteger(sql`sum(case when ${condition} then 1 else 0 end)`)
  // Floats are summed as integers: their sum would depend on the order of the rows.
  const exactSum = (value: SQL, unit: number) =>
    dialect.asFloat(
      sql`${dialect.asFloat(sql`sum(${dialect.asInteger(sql`floor(${value} * ${sql.raw(String(unit))} + 0.5)`)})`)} / ${sql.raw(String(unit))}`,
    )
  const isRoot = sql`${span('place')} = 1`
  const columns: Expressions = {
    start_time: sql`min(${span('start_time')})`,
    end_time: sql`max(${span('end_time')})`,
    span_count: dialect.asInteger(sql`count(*)`),
    error_count: count(sql`${span('status')} = 'error'`),
    llm_call_count: count(sql`${span('kind')} = 'llm'`),
    tool_call_count: count(sql`${span('kind')} in ('tool', 'mcp')`),
    step_count: dialect.asInteger(sql`count(*) - 1`),
    steps_duration_ms: exactSum(sql`case when ${isRoot} then 0 else ${span('duration_ms')} end`, 1_000),
    cost_usd: exactSum(span('cost_usd'), 1_000_000_000),
    first_written_at: sql`min(${span('written_at')})`,
    last_written_at: sql`max(${span('written_at')})`,
  }
  for (const key of summedColumns) {
    const column = names[key]?.name ?? key
    columns[column] ??= dialect.asInteger(sql`sum(${span(column)})`)
  }
  const root = (column: string) => sql`max(case when ${isRoot} then ${span(column)} end)`
  for (const column of fromRoot) columns[column] = root(column)
  for (const column of fromRootElseFirst) columns[column] = sql`coalesce(${root(column)}, min(${span(column)}))`
  // Nothing of a span tells the run, the steps' count or the authored duration.
  columns.run_id = columns.parent_run_id = columns.duration_ms = sql`null`

  const list = Object.entries(columns).map(([name, value]) => sql`${value} as ${sql.identifier(name)}`)
  return sql`select ${span('trace_id')} as trace_id, ${sql.join(list, sql`, `)}
    from (${rankedSpans(dialect, tables, touched)}) as s group by ${span('trace_id')}`
}

/** The spans of the touched traces; `place` 1 is the root: the earliest span (start, id) without a stored parent. */
function rankedSpans(dialect: Dialect, { spans }: Tables, touched: Touched): SQL {
  const needed = [
    'trace_id',
    'start_time',
    'end_time',
    'duration_ms',
    'kind',
    'written_at',
    ...fromRoot,
    ...fromRootElseFirst,
  ]
  const sums = summedColumns.map((key) => names[key]?.name ?? key)
  const columns = sql.raw([...needed, ...sums].map((name) => `s."${name}"`).join(', '))
  return sql`select ${columns}, row_number() over (
        partition by s.trace_id order by case when p.span_id is null then 0 else 1 end, s.start_time, s.span_id
      ) as place
    from ${spans} as s
    left join ${spans} as p
      on p.project_id = ${touched.projectId} and p.trace_id = s.trace_id and p.span_id = s.parent_span_id
      and ${dialect.isInList(sql.raw('p."trace_id"'), touched.traceIds)}
    where s.project_id = ${touched.projectId} and ${dialect.isInList(span('trace_id'), touched.traceIds)}`
}
