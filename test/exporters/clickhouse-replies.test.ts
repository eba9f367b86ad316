import { afterEach, expect, it } from 'vitest'
import { ClickHouseExporter, type ClickHouseExporterOptions, type StorageError } from '../../src/index.ts'
import { type Request, startFakeClickHouse } from './fake-clickhouse.ts'
import { llmRecord, llmRecords } from './records.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function open(answer: Parameters<typeof startFakeClickHouse>[0], options: ClickHouseExporterOptions = {}) {
  const server = await startFakeClickHouse(answer)
  const errors: StorageError[] = []
  const exporter = new ClickHouseExporter({
    dsn: `clickhouse://app:s3cret@127.0.0.1:${server.port}/agents`,
    onError: (error) => void errors.push(error),
    ...options,
  })
  closers.push(server.close, () => exporter.shutdown())
  return { server, exporter, errors }
}

it('sends one insert for each part of a batch, with its settings, over HTTP', async () => {
  const { server, exporter } = await open(() => undefined, { batchSize: 2, createTable: true })
  expect(await exporter.export([...llmRecords(2), llmRecord('last', { attributes: { text: 'tab\tline\n\\' } })])).toBe(
    'SUCCESS',
  )
  const [made, first, second] = server.requests
  expect(made?.statement).toMatch(/^CREATE TABLE IF NOT EXISTS agentforge_records/)
  expect(first?.statement).toMatch(
    /^INSERT INTO agentforge_records \(run_id, .*, metadata\) SETTINGS async_insert = 1, wait_for_async_insert = 0, insert_deduplication_token = '[\w-]{43}'.* FORMAT TabSeparated$/,
  )
  expect(first?.body.trimEnd().split('\n')).toHaveLength(2)
  const cells = second?.body.trimEnd().split('\t')
  expect(cells).toHaveLength(26)
  expect(cells?.slice(22)).toEqual([
    '0000000001.000000000',
    '0000000003.000000000',
    '2000',
    '{"text":"tab\\\\tline\\\\n\\\\\\\\"}',
  ])
  for (const { database, authorization } of server.requests) {
    expect(database).toBe('agents')
    expect(authorization).toBe(`Basic ${btoa('app:s3cret')}`)
  }
})

const refusing = (statement: RegExp, code: number, text: string) => (request: Request) =>
  statement.test(request.statement)
    ? { code, text: `Code: ${code}. DB::Exception: ${text} (version 24.3.1.1)` }
    : undefined

it.each([
  ['a full disk', /^INSERT/, 243, 'Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)', 'The disk is full'],
  [
    'a server older than the JSON type',
    /^CREATE/,
    50,
    'Unknown data type family: JSON. (UNKNOWN_TYPE)',
    'no JSON type; it needs ClickHouse 25.3 or newer',
  ],
  [
    'a server whose JSON type is an experiment',
    /^CREATE/,
    44,
    "Cannot create column with type 'JSON' (ILLEGAL_COLUMN)",
    'no JSON type; it needs ClickHouse 25.3 or newer',
  ],
  [
    'a table that is not there',
    /^INSERT/,
    60,
    'Table agents.agentforge_records does not exist. (UNKNOWN_TABLE)',
    'the table is missing; set createTable',
  ],
  [
    'a table without our columns',
    /^INSERT/,
    16,
    'No such column span_id in table (NO_SUCH_COLUMN_IN_TABLE)',
    'the table lacks a column',
  ],
])('answers FAILURE and says what is wrong: %s', async (_, statement, code, text, meaning) => {
  const { exporter, errors } = await open(refusing(statement, code, text), { createTable: true })
  expect(await exporter.export(llmRecords(1))).toBe('FAILURE')
  expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining(meaning)])
})

it('shows neither rows nor the password when a row is refused', async () => {
  const refusal = refusing(/^INSERT/, 117, 'Cannot parse JSON object here: {"team":"top secret"} (INCORRECT_DATA)')
  const { exporter, errors } = await open(refusal)
  expect(await exporter.export([llmRecord('s', { attributes: { team: 'top secret' } })])).toBe('FAILURE')
  const shown = JSON.stringify([errors.map((error) => [String(error), error.cause, String(error.cause), error.stack])])
  expect(shown).not.toMatch(/top secret|s3cret/)
})

it('answers FAILURE for a server that is not there, one that cuts the connection and one that is no ClickHouse', async () => {
  const errors: StorageError[] = []
  const onError = (error: StorageError) => void errors.push(error)
  const { server, exporter } = await open(() => ({ code: 0, text: '<html>502</html>' }), { onError })
  expect(await exporter.export(llmRecords(1))).toBe('FAILURE')
  await server.close()
  closers.length = 0
  expect(await exporter.export(llmRecords(1))).toBe('FAILURE')
  expect(await new ClickHouseExporter({ dsn: 'clickhouse://127.0.0.1:1/db', onError }).export(llmRecords(1))).toBe(
    'FAILURE',
  )
  expect(errors).toHaveLength(3)
  expect(errors.slice(1).map(({ code }) => code)).toEqual(['connection', 'connection'])
  await exporter.shutdown()
})
