import { ConfigError } from '../errors.ts'

/** The columns of the record table with their types, in order: values of rows are written in this order. */
export const recordColumns = {
  run_id: 'String',
  trace_id: 'String',
  parent_run_id: 'Nullable(String)',
  context_id: 'Nullable(String)',
  kind: 'LowCardinality(String)',
  op: 'LowCardinality(String)',
  agent_name: 'LowCardinality(String)',
  agent_version: 'Nullable(String)',
  provider: 'LowCardinality(Nullable(String))',
  model: 'LowCardinality(Nullable(String))',
  tool_name: 'Nullable(String)',
  mcp_server: 'Nullable(String)',
  mcp_method: 'LowCardinality(Nullable(String))',
  input_tokens: 'Nullable(UInt32)',
  output_tokens: 'Nullable(UInt32)',
  cache_read_tokens: 'Nullable(UInt32)',
  cache_creation_tokens: 'Nullable(UInt32)',
  reasoning_tokens: 'Nullable(UInt32)',
  total_tokens: 'Nullable(UInt32)',
  cost_usd: 'Nullable(Float64)',
  status: 'LowCardinality(String)',
  error_type: 'Nullable(String)',
  start_time: 'DateTime64(9)',
  end_time: 'Nullable(DateTime64(9))',
  duration_ms: 'Nullable(Float64)',
  metadata: 'JSON',
} as const

/** What `spanColumns` adds after the others. */
export const recordSpanColumns = {
  span_id: 'Nullable(String)',
  parent_span_id: 'Nullable(String)',
} as const

/** A column that every record table has. */
export type RecordColumn = keyof typeof recordColumns

/** The names of the record table's 26 columns, in their order. */
export const COLUMNS = Object.keys(recordColumns) as readonly RecordColumn[]

/** COLUMNS, and behind them the span's id and its parent's. */
export const COLUMNS_WITH_SPAN: readonly string[] = [...COLUMNS, ...Object.keys(recordSpanColumns)]

/** The name that the table has when nothing else is said. */
export const defaultRecordTable = 'agentforge_records'

/** Inserts that a table without replicas remembers, so that one which is sent again is stored once. */
const rememberedInserts = 10_000

/** A member of the metadata: names with dots between them, each of which leads into an object. */
export const memberPath = /^[\w-]+(\.[\w-]+)*$/

/**
 * The members, once they are known to be some.
 *
 * @throws ConfigError for one that is none
 */
export function checkedMembers(members: readonly string[]): readonly string[] {
  if (members.every((member) => memberPath.test(member))) return members
  throw new ConfigError('textMembers of the ClickHouse exporter must be names with dots between them: team, user.plan')
}

/** How a record table is made. */
export interface RecordTableOptions {
  /** With the span's id and its parent's behind the 26 columns. @default false */
  spanColumns?: boolean | undefined
  /**
   * Members of the metadata that questions group by, such as `['team', 'workflow']`. The table keeps each as a column
   * of text: grouping by it takes half to two thirds of the time. Whatever its value was, it is text then (an object its
   * JSON), and metadata without it show null for it. @default none
   */
  textMembers?: readonly string[] | undefined
}

/**
 * The statement that makes a record table if it is not there; it changes nothing about one that is. It needs
 * ClickHouse 25.3 or newer, for the JSON type.
 *
 * @param table `name` or `database.name`
 * @throws ConfigError for a member that is none
 */
export function createRecordTable(
  table: string,
  { spanColumns = false, textMembers = [] }: RecordTableOptions = {},
): string {
  const hints = checkedMembers(textMembers).map((member) => `\`${member}\` LowCardinality(Nullable(String))`)
  const types = {
    ...recordColumns,
    ...(hints.length > 0 && { metadata: `JSON(${hints.join(', ')})` }),
    ...(spanColumns && recordSpanColumns),
  }
  return `CREATE TABLE IF NOT EXISTS ${table}
(
${Object.entries(types)
  .map(([name, type]) => `    ${name} ${type}`)
  .join(',\n')}
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(start_time)
ORDER BY (trace_id, start_time, run_id)
SETTINGS non_replicated_deduplication_window = ${rememberedInserts}`
}
