import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'
import { COLUMNS, createRecordTable, RecordAnalytics } from '../src/index.ts'
import type { Bench, BenchOptions, Section } from './bench.ts'
import { type Contender, interleave } from './interleave.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { comparison, whole } from './report.ts'

/** Records for each span of other groups: what takes PostgreSQL seconds, and still fits a laptop. */
const recordsPerRow = 50
const table = 'agentforge_records'
const days = 93
const firstStart = Date.UTC(2026, 7, 20)
/** The third question is about the last 90 days. */
const since = new Date(firstStart + (days - 90) * 86_400_000)

/** The same records in both dialects: no engine's random numbers, so that their answers can be compared. */
const record = {
  team: 'n / 20 * 7919 % 40',
  workflow: 'n / 20 * 104729 % 200',
  user: 'n % 10000',
  model: 'n * 31 % 12',
  input: 'n * 7919 % 4000',
  output: 'n * 104729 % 1000',
  cost: '(n * 13 % 100000) / 1000000.0',
  durationMs: 'n * 48271 % 9000',
} as const

/** What instrumentations say of every call, beside what the questions are about. */
const constant =
  '"environment":"production","service.name":"airline","service.version":"2.14.0","region":"eu-west-1",' +
  '"gen_ai.request.temperature":0.2,"gen_ai.request.max_tokens":4096,"gen_ai.response.finish_reasons":["stop"]'

/** A group of the answer to a question, and the number that it is about. */
type Answer = readonly (readonly [group: string | null, value: number])[]

interface Filled {
  readonly spend: () => Promise<Answer>
  readonly latency: () => Promise<Answer>
  readonly tokens: () => Promise<Answer>
  close(): Promise<void>
}

async function fillClickHouse(rows: number): Promise<Filled> {
  const path = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
  const client = createClient({ connection: createChdbConnection({ path }) as never, log: { level: 127 } })
  await client.command({ query: createRecordTable(table, { textMembers: ['team', 'workflow'] }) })
  const { team, workflow, user, model, input, output, cost, durationMs } = Object.fromEntries(
    Object.entries(record).map(([name, sql]) => [name, sql.replace('n / 20', 'intDiv(n, 20)')]),
  )
  const isCall = 'n % 5 < 3'
  const ofCall = (value: string) => `if(${isCall}, ${value}, NULL)`
  const start = `fromUnixTimestamp64Milli(toInt64(${firstStart} + n * ${(days * 86_400_000) / rows}))`
  const values = [
    ...["leftPad(toString(intDiv(n, 20)), 26, '0')", "leftPad(lower(hex(intDiv(n, 20))), 32, '0')", 'NULL', 'NULL'],
    ...[`if(${isCall}, 'llm', 'tool')`, `if(${isCall}, 'chat', 'execute_tool')`, "''", 'NULL'],
    ...[ofCall("'openai'"), ofCall(`concat('model-', toString(${model}))`)],
    ...[`if(${isCall}, NULL, 'search')`, 'NULL', 'NULL'],
    ...[ofCall(input ?? ''), ofCall(output ?? ''), ofCall('0'), ofCall('0'), ofCall('0')],
    ...[ofCall(`${input} + ${output}`), ofCall(cost ?? ''), "'ok'", 'NULL'],
    ...[start, `addMilliseconds(${start}, ${durationMs})`, durationMs],
    `concat('{"team":"team-', toString(${team}), '","workflow":"flow-', toString(${workflow}), '","user":"user-', toString(${user}), '","session":"conversation-', toString(intDiv(n, 200)), '","gen_ai.response.id":"chatcmpl-', leftPad(toString(n), 24, '0'), '",${constant}}')::JSON`,
  ]
  await client.command({
    query: `INSERT INTO ${table} (${COLUMNS.join(', ')}) SELECT ${values.join(', ')} FROM (SELECT toInt64(number) AS n FROM numbers(${rows}))`,
  })
  await client.command({ query: `OPTIMIZE TABLE ${table} FINAL` })
  const records = new RecordAnalytics(client, { table })
  return {
    spend: async () => (await records.spendByTeam()).map(({ team: name, costUsd }) => [name, costUsd]),
    latency: async () => (await records.latencyByModel()).map((one) => [one.model, one.durationMs ?? 0]),
    tokens: async () =>
      (await records.tokensByWorkflow({ since })).map(({ workflow: name, totalTokens }) => [name, totalTokens]),
    async close() {
      await client.close()
      await rm(path, { recursive: true })
    },
  }
}

/**
 * The same table with PostgreSQL's types and the indexes that its order and its partitions stand for, and statements that
 * give the same figures.
 */
async function fillPostgres(rows: number): Promise<Filled> {
  const database = await openPostgresDatabase()
  const { client } = database
  const isCall = 'n % 5 < 3'
  const ofCall = (value: string) => `case when ${isCall} then ${value} end`
  const { team, workflow, user, model, input, output, cost, durationMs } = record
  const start = `to_timestamp((${firstStart} + n * ${(days * 86_400_000) / rows}) / 1000.0)`
  await client.query(`create table ${table} as select
    lpad((n / 20)::text, 26, '0') as run_id, lpad(to_hex(n / 20), 32, '0') as trace_id, null::text as parent_run_id, null::text as context_id,
    case when ${isCall} then 'llm' else 'tool' end as kind,
    case when ${isCall} then 'chat' else 'execute_tool' end as op, '' as agent_name, null::text as agent_version,
    ${ofCall("'openai'")} as provider, ${ofCall(`'model-' || (${model})`)} as model,
    case when ${isCall} then null else 'search' end as tool_name, null::text as mcp_server, null::text as mcp_method,
    (${ofCall(input)})::integer as input_tokens, (${ofCall(output)})::integer as output_tokens,
    ${ofCall('0')} as cache_read_tokens, ${ofCall('0')} as cache_creation_tokens, ${ofCall('0')} as reasoning_tokens,
    (${ofCall(`(${input}) + (${output})`)})::integer as total_tokens, (${ofCall(cost)})::float8 as cost_usd,
    'ok' as status, null::text as error_type, ${start} as start_time,
    ${start} + (${durationMs}) * interval '1 millisecond' as end_time, (${durationMs})::float8 as duration_ms,
    jsonb_build_object('team', 'team-' || (${team}), 'workflow', 'flow-' || (${workflow}), 'user', 'user-' || (${user}),
      'session', 'conversation-' || (n / 200), 'gen_ai.response.id', 'chatcmpl-' || lpad(n::text, 24, '0'))
      || '{${constant}}'::jsonb as metadata
    from generate_series(0::bigint, ${rows - 1}) as numbers(n)`)
  await client.query(`create index on ${table} (trace_id, start_time, run_id)`)
  await client.query(`create index on ${table} using brin (start_time)`)
  await client.query(`vacuum analyze ${table}`)
  await database.checkpoint()
  const ask = async (question: string, params: unknown[] = []): Promise<Answer> => {
    const { rows: found } = await client.query<[string | null, number]>({
      text: question,
      values: params,
      rowMode: 'array',
    })
    return found.map(([group, value]) => [group, value])
  }
  const where = `from ${table} where kind = 'llm'`
  return {
    spend: () => ask(`select metadata ->> 'team', sum(cost_usd), count(*)::float8 ${where} group by 1 order by 2 desc`),
    latency: () =>
      ask(
        `select model, percentile_cont(0.99) within group (order by duration_ms) ${where} group by 1 order by 2 desc`,
      ),
    tokens: () =>
      ask(
        `select metadata ->> 'workflow', sum(total_tokens)::float8, sum(input_tokens)::float8, sum(output_tokens)::float8, count(*)::float8
          ${where} and start_time >= $1 group by 1 order by 2 desc`,
        [since],
      ),
    close: () => database.close(),
  }
}

const questions = { spend: 'spend by team', latency: 'p99 by model', tokens: 'tokens by workflow, 90 days' } as const

/** What the exporter's table answers, against PostgreSQL with the same table. */
export const recordsBench: Bench = {
  name: 'records',
  about: `three questions to the record exporter's table of ${recordsPerRow} x --rows, against PostgreSQL`,
  async run(options: BenchOptions): Promise<Section[]> {
    const rows = options.rows * recordsPerRow
    options.log(`making ${rows} records in both engines`)
    const clickhouse = await fillClickHouse(rows)
    const postgres = await fillPostgres(rows)
    try {
      const names = Object.keys(questions) as (keyof typeof questions)[]
      for (const name of names) assertSame(await clickhouse[name](), await postgres[name](), name === 'latency')
      const contenders = names.flatMap((name): Contender[] => [
        { id: `${name}-clickhouse`, about: 'ClickHouse', rows, run: asked(clickhouse[name]) },
        { id: `${name}-postgres`, about: 'PostgreSQL', rows, run: asked(postgres[name]) },
      ])
      const measured = await interleave(contenders, options)
      return names.map((name) =>
        comparison(
          `The record table, ${whole(rows)} records: ${questions[name]}`,
          measured.filter(({ id }) => id.startsWith(`${name}-`)),
          [`${name}-postgres`],
        ),
      )
    } finally {
      await postgres.close()
      await clickhouse.close()
    }
  },
}

const asked = (question: () => Promise<unknown>) => async () => {
  await question()
  return undefined
}

/** ClickHouse estimates percentiles from a sample. */
function assertSame(found: Answer, expected: Answer, isEstimate: boolean): void {
  const numbers = new Map(found)
  assert.equal(found.length, expected.length)
  for (const [group, value] of expected) {
    const error = Math.abs((numbers.get(group) ?? Number.NaN) - value) / value
    assert.ok(error < (isEstimate ? 0.02 : 1e-9), `${group}: ${numbers.get(group)} and ${value}`)
  }
}
