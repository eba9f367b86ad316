import { type SQL, sql } from 'drizzle-orm'
import { tokenColumns } from '../../../schema/tokens.ts'
import { derivedColumns, summedColumns } from '../../../schema/traces.ts'
import { columnSpecs, countedSpecs, shareColumns } from '../../rows/accepted-row.ts'
import type { Dialect } from '../dialect.ts'

/**
 * The trace rows that follow from what is stored, in SQL: the same that `src/fold` works out. Each visible column is the
 * author's value, else what all spans of the trace say (sums: the other way round), so that the order and the repetition
 * of batches leave no mark.
 */

/** SQL by the name of the column that it gives. */
export type Expressions = Record<string, SQL>

const names = Object.fromEntries(columnSpecs.traces.map(({ key, name, type }) => [key, { name, type }]))
const trace = (key: string) => sql.raw(`t."${names[key]?.name}"`)
const span = (name: string) => sql.raw(`s."${name}"`)
const sum = (name: string) => sql.raw(`a."${name}"`)

const times = ['start_time', 'end_time', 'first_written_at', 'last_written_at']
const counted = ['span_count', 'error_count', 'llm_call_count', 'tool_call_count']

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

/** Columns of the root span that a trace row is made of. */
export const rootColumns: readonly string[] = [...fromRoot, ...fromRootElseFirst, 'duration_ms']

/**
 * What a trace row shows, by column name: over the stored trace `t` and the sums `a` of its spans.
 *
 * @param root a column of its root span, null where it has no spans
 */
export function traceColumns(dialect: Dialect, root: (name: string) => SQL): Expressions {
  return visibleColumns(dialect, summaryColumns(root))
}

/** What a trace row shows, by column name, over the trace `t` and what its spans say. */
function visibleColumns(dialect: Dialect, summary: Expressions): Expressions {
  const derived = (name: string) => summary[name] ?? sql`null`
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
  const createdAt = sql`case when ${isAuthored} then ${trace('writtenAt')} else ${derived('first_written_at')} end`
  visible.created_at = sql`coalesce(${authored('createdAt')}, ${createdAt}, ${trace('writtenAt')})`
  visible.updated_at = sql`case when ${derived('last_written_at')} is null or (${isAuthored} and ${trace('writtenAt')} > ${derived('last_written_at')})
    then ${trace('writtenAt')} else ${derived('last_written_at')} end`
  return visible
}

/** What the spans of a trace say, by column name, null where there are none. */
function summaryColumns(root: (name: string) => SQL): Expressions {
  const micros = (value: SQL) => sql`floor(${value} * 1000 + 0.5)`
  const columns: Expressions = {}
  for (const column of [...counted, ...times]) columns[column] = sum(column)
  for (const key of summedColumns) columns[names[key]?.name ?? key] = sum(names[key]?.name ?? key)
  columns.cost_usd = sql`${sum('cost_usd')} / 1000000000`
  columns.step_count = sql`nullif(${sum('span_count')}, 0) - 1`
  columns.steps_duration_ms = sql`(${sum('all_micros')} - coalesce(${micros(root('duration_ms'))}, 0)) / 1000`
  for (const column of fromRoot) columns[column] = root(column)
  for (const column of fromRootElseFirst) columns[column] = sql`coalesce(${root(column)}, ${sum(column)})`
  return columns
}

/**
 * The rank of a span in its trace, as one text: behind those without a stored parent, then by its start and
 * its id. The first is the root; only in a circle has every span a stored parent.
 */
export const rootOrder = (dialect: Dialect, hasParent: SQL): SQL =>
  sql`case when ${hasParent} then '1' else '0' end || ${startOrder(dialect)}`
const startOrder = (dialect: Dialect) =>
  sql`(${dialect.microsOf(span('start_time'))} + 10000000000000000) || ${span('span_id')}`

const reportedKeys: readonly string[] = [...tokenColumns, 'costUsd']

/** What counts of a column of usage: the share, where it differs from what is reported. */
function counting(key: string, column: string): SQL {
  const share = countedSpecs.spans.find((spec) => spec.key === shareColumns[reportedKeys.indexOf(key)])
  return share ? sql`coalesce(${span(share.name)}, ${span(column)})` : span(column)
}

/** The sums over the spans `s` of a trace, by column name. */
export function sumColumns(dialect: Dialect): Expressions {
  const integerSum = (value: SQL) => dialect.asInteger(sql`sum(${value})`)
  // Whole units: the sum of fractions would depend on the order of the rows. They stay floats, exact up to 2^53, since a
  // thousand spans of a few hundred years are more than a 64-bit integer holds.
  const exactSum = (value: SQL, unit: number) => sql`sum(floor(${value} * ${sql.raw(String(unit))} + 0.5))`
  const count = (condition: SQL) => integerSum(sql`case when ${condition} then 1 else 0 end`)
  const columns: Expressions = {
    start_time: sql`min(${span('start_time')})`,
    end_time: sql`max(${span('end_time')})`,
    first_written_at: sql`min(${span('written_at')})`,
    last_written_at: sql`max(${span('written_at')})`,
    span_count: dialect.asInteger(sql`count(${span('span_id')})`),
    error_count: count(sql`${span('status')} = 'error'`),
    llm_call_count: integerSum(
      sql`case when ${span('kind')} = 'llm' then coalesce(${span('call_share')}, 1) else 0 end`,
    ),
    tool_call_count: count(sql`${span('kind')} in ('tool', 'mcp')`),
    all_micros: sql`coalesce(${exactSum(span('duration_ms'), 1_000)}, 0)`,
    cost_usd: exactSum(counting('costUsd', 'cost_usd'), 1_000_000_000),
  }
  for (const key of summedColumns) {
    const column = names[key]?.name ?? key
    columns[column] ??= integerSum(counting(key, column))
  }
  for (const column of fromRootElseFirst) columns[column] = sql`min(${span(column)})`
  return columns
}

/** Expressions as a list of columns. */
export const columnsOf = (columns: Expressions): SQL =>
  sql.join(
    Object.entries(columns).map(([name, value]) => sql`${value} as ${sql.identifier(name)}`),
    sql`, `,
  )
