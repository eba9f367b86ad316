import { readFileSync } from 'node:fs'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  adaptClickHouseClient,
  ClickHouseExporter,
  type ClickHouseExporterOptions,
  type ClickHouseRecordClient,
  COLUMNS,
  COLUMNS_WITH_SPAN,
  createRecordTable,
  RecordAnalytics,
  ValidationError,
} from '../../src/index.ts'
import { runExporterConformance } from '../../src/testing/index.ts'
import { runs } from '../runs.ts'
import { createEmbeddedDatabase, executeClickHouse, startClickHouse } from '../servers/clickhouse.ts'
import { llmRecord, llmRecords, plainRecord } from './records.ts'

let client: ClickHouseClient
let database: Awaited<ReturnType<typeof createEmbeddedDatabase>>
let tables = 0
let table: string

beforeAll(async () => {
  database = await createEmbeddedDatabase()
  client = await open()
})
afterAll(async () => {
  await client.close()
  await database.drop()
})
beforeEach(() => {
  table = `records_${tables++}`
})

/** A further session of the one engine that a process can have. */
async function open(): Promise<ClickHouseClient> {
  const [path = '', name = ''] = database.url.slice('chdb:'.length).split('?database=')
  const session = createClient({ connection: createChdbConnection({ path }) as never, log: { level: 127 } })
  await session.command({ query: `USE ${name}` })
  return session
}

const ask = async <T = Record<string, unknown>>(query: string): Promise<T[]> =>
  (await client.query({ query, format: 'JSONEachRow' })).json<T>()

const count = async () => Number((await ask<{ n: string }>(`SELECT count() AS n FROM ${table}`))[0]?.n)

/** An exporter that waits for its rows, since tests read them. */
const exporterOf = (options: ClickHouseExporterOptions = {}) =>
  new ClickHouseExporter({ dsn: database.url, table, createTable: true, waitForAsyncInsert: true, ...options })

describe('on ClickHouse', () => {
  runExporterConformance({
    describe,
    it,
    name: 'ClickHouseExporter',
    open: () => {
      const subject = exporterOf()
      return { subject, close: () => subject.shutdown() }
    },
  })

  it('makes the table with the types that are promised', async () => {
    await client.command({ query: createRecordTable(table) })
    await client.command({ query: createRecordTable(table) })
    const described = await ask<{ name: string; type: string }>(`DESCRIBE TABLE ${table}`)
    expect(described.map(({ name }) => name)).toEqual(COLUMNS)
    expect(described.map(({ type }) => type)).toEqual([
      ...['String', 'String', 'Nullable(String)', 'Nullable(String)'],
      ...['LowCardinality(String)', 'LowCardinality(String)', 'LowCardinality(String)', 'Nullable(String)'],
      ...['LowCardinality(Nullable(String))', 'LowCardinality(Nullable(String))'],
      ...['Nullable(String)', 'Nullable(String)', 'LowCardinality(Nullable(String))'],
      ...Array.from({ length: 6 }, () => 'Nullable(UInt32)'),
      ...['Nullable(Float64)', 'LowCardinality(String)', 'Nullable(String)'],
      ...['DateTime64(9)', 'Nullable(DateTime64(9))', 'Nullable(Float64)', 'JSON'],
    ])
    const keys = await ask(`SELECT partition_key, sorting_key FROM system.tables WHERE name = '${table}'`)
    expect(keys).toEqual([{ partition_key: 'toYYYYMM(start_time)', sorting_key: 'trace_id, start_time, run_id' }])
  })

  it('ships the statement that makes the table as a file', async () => {
    const file = readFileSync('drizzle/clickhouse-records/0000_records.sql', 'utf8')
    expect(file.trimEnd()).toBe(`${createRecordTable('agentforge_records')};`)
    await client.command({ query: file.replaceAll('agentforge_records', table) })
    expect(await count()).toBe(0)
  })

  it('stores what a record says, to the nanosecond, in a server of any time zone', async () => {
    const attributes = {
      team: 'ü\t\n\\"🚀',
      b: { c: [1, 2.5, null, 'x'] },
      big: 2 ** 64,
      nothing: null,
      'a.b': 1,
      a: { b: 2 },
    }
    const record = llmRecord('s', {
      attributes,
      startUnixNanos: 1_763_000_000_123_456_789n,
      endUnixNanos: 1_763_000_000_123_456_790n,
    })
    await client.command({ query: "SET session_timezone = 'Asia/Tokyo'" })
    const exporter = exporterOf({ spanColumns: true, client: adaptClickHouseClient(client) })
    expect(await exporter.export([record, llmRecord('early')])).toBe('SUCCESS')
    await client.command({ query: "SET session_timezone = 'UTC'" })
    const rows = await ask(
      `SELECT * REPLACE (toString(start_time, 'UTC') AS start_time, toString(metadata) AS metadata) FROM ${table} ORDER BY start_time DESC`,
    )
    expect(Object.keys(rows[0] ?? {})).toEqual(COLUMNS_WITH_SPAN)
    expect(rows[0]).toMatchObject({
      model: 'claude-sonnet-4-5-20990101',
      total_tokens: 165,
      cost_usd: 0.01,
      duration_ms: 0.000001,
      start_time: '2025-11-13 02:13:20.123456789',
      span_id: 's',
      parent_span_id: 'aaaaaaaaaaaaaaaa',
    })
    expect(JSON.parse(String(rows[0]?.metadata))).toEqual({
      a: { b: 2 },
      b: { c: [1, 2.5, null, 'x'] },
      big: 2 ** 64,
      team: 'ü\t\n\\"🚀',
    })
    expect(rows[1]).toMatchObject({ start_time: '1970-01-01 00:00:01.000000000', duration_ms: 2000, metadata: '{}' })
  })

  it('keeps metadata whose text looks like a date, a time or a number as it is', async () => {
    const attributes = {
      day: '2024-01-05',
      far: '2500-01-01 00:00:00',
      list: ['2024-01-01', '2024-01-01T10:00:00.5Z'],
      number: '0123',
      precise: '2024-01-01 00:00:00.123456789012',
      time: '2024-01-01T10:00:00Z',
      zone: '2024-01-01T10:00:00+05:00',
    }
    expect(await exporterOf().export([plainRecord('step', { attributes })])).toBe('SUCCESS')
    const [row] = await ask(`SELECT toString(metadata) AS metadata FROM ${table}`)
    expect(JSON.parse(String(row?.metadata))).toEqual(attributes)
  })

  it.each([
    ['gathered by the server', { asyncInsert: true }],
    ['one by one', { asyncInsert: false }],
  ])('stores a batch once whose answer was lost, again and again, with inserts %s', async (_, options) => {
    const adapted = adaptClickHouseClient(client)
    const rounds = runs(10, 50)
    for (let round = 0; round < rounds; round += 1) {
      let inserts = 0
      const losing: ClickHouseRecordClient = {
        ...adapted,
        async insert(call) {
          await adapted.insert(call)
          inserts += 1
          if (inserts === 2) throw new Error('the connection was cut')
        },
      }
      const exporter = exporterOf({ ...options, batchSize: 10, onError: () => {}, client: losing })
      const batch = llmRecords(25).map((record) => ({ ...record, spanId: `${round}-${record.spanId}` }))
      expect(await exporter.export(batch)).toBe('FAILURE')
      expect(await exporter.export(batch)).toBe('SUCCESS')
    }
    expect(await count()).toBe(rounds * 25)
  })

  it('stores a batch once that two processes export', async () => {
    for (let process = 0; process < 2; process += 1) expect(await exporterOf().export(llmRecords(25))).toBe('SUCCESS')
    expect(await count()).toBe(25)
  })

  it('does the same on a server, over HTTP', async () => {
    const server = await startClickHouse('s3cret')
    try {
      const dsn = await server.create()
      const exporter = new ClickHouseExporter({ dsn, createTable: true, waitForAsyncInsert: true, batchSize: 10 })
      for (let i = 0; i < 2; i += 1) expect(await exporter.export(llmRecords(25))).toBe('SUCCESS')
      await exporter.shutdown()
      const [row] = await executeClickHouse(
        dsn,
        'SELECT count() AS n, sum(total_tokens) AS tokens FROM agentforge_records',
      )
      expect(row).toEqual({ n: 25, tokens: 25 * 165 })
    } finally {
      await server.stop()
    }
  })
})

describe.each([
  ['a table as it is', []],
  ['a table with members as text', ['team', 'workflow', 'org.unit']],
])('the questions to %s', (_, textMembers) => {
  const day = 86_400_000_000_000n
  const now = BigInt(Date.UTC(2026, 10, 20)) * 1_000_000n
  const call = (i: number, rest: { model: string; team?: unknown; workflow?: string; daysAgo: bigint }) => {
    const usage = { input: i, output: 1 }
    return llmRecord(`q${i}`, {
      startUnixNanos: now - rest.daysAgo * day,
      endUnixNanos: now - rest.daysAgo * day + BigInt(i) * 1_000_000n,
      attributes: { team: rest.team, workflow: rest.workflow, org: { unit: 'u1' } },
      llm: { provider: 'p', requestModel: rest.model, usage, costUsd: 0.25 },
    })
  }
  let records: RecordAnalytics

  beforeEach(async () => {
    records = new RecordAnalytics(client, { table })
    await exporterOf({ textMembers }).export([
      call(10, { model: 'a', team: 'search', workflow: 'nightly', daysAgo: 1n }),
      call(20, { model: 'a', team: 'search', workflow: 'nightly', daysAgo: 100n }),
      call(30, { model: 'b', team: 7, workflow: 'chat', daysAgo: 2n }),
      call(40, { model: 'b', daysAgo: 3n }),
      plainRecord('workflow', { attributes: { team: 'search', workflow: 'nightly' }, startUnixNanos: now }),
    ])
  })

  it('spend by team', async () => {
    expect(await records.spendByTeam()).toEqual([
      { team: 'search', calls: 2, costUsd: 0.5 },
      { team: '7', calls: 1, costUsd: 0.25 },
      { team: null, calls: 1, costUsd: 0.25 },
    ])
    expect(await records.spendByTeam({ key: 'org.unit', until: '2026-11-19T00:00:00Z' })).toEqual([
      { team: 'u1', calls: 3, costUsd: 0.75 },
    ])
  })

  it('a percentile of the latency by model', async () => {
    const latency = await records.latencyByModel({ since: new Date('2026-01-01') })
    expect(latency.map(({ model, calls }) => [model, calls])).toEqual([
      ['b', 2],
      ['a', 2],
    ])
    expect(latency[0]?.durationMs).toBeCloseTo(39.9, 6)
    expect((await records.latencyByModel({ percentile: 0.5 }))[1]?.durationMs).toBeCloseTo(15, 6)
  })

  it('tokens by workflow over 90 days', async () => {
    const since = new Date(Number(now / 1_000_000n) - 90 * 86_400_000)
    expect(await records.tokensByWorkflow({ since })).toEqual([
      { workflow: null, calls: 1, inputTokens: 40, outputTokens: 1, totalTokens: 41 },
      { workflow: 'chat', calls: 1, inputTokens: 30, outputTokens: 1, totalTokens: 31 },
      { workflow: 'nightly', calls: 1, inputTokens: 10, outputTokens: 1, totalTokens: 11 },
    ])
  })

  it('are answered by the SQL of the guide as well', async () => {
    const guide = readFileSync('docs/record-exporter.md', 'utf8')
    const queries = [...guide.matchAll(/```sql\n(SELECT [^`]*?)```/g)].map(([, sql = '']) => sql)
    expect(queries).toHaveLength(3)
    for (const sql of queries)
      expect((await ask(sql.replaceAll('agentforge_records', table))).length).toBeGreaterThan(0)
  })

  it('refuse what would be SQL', async () => {
    expect(() => new RecordAnalytics(client, { table: 'bad table; DROP' })).toThrow(ValidationError)
    expect(() => records.spendByTeam({ key: 'team`) --' })).toThrow(ValidationError)
    expect(() => records.latencyByModel({ percentile: 1 })).toThrow(ValidationError)
    await expect(records.spendByTeam({ since: 'yesterday' })).rejects.toThrow(ValidationError)
  })
})
