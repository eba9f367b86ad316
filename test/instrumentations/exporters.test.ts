import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importDocuments, openStore } from '../../src/index.ts'
import { runServe } from '../cli/run-serve.ts'
import { storedTables } from '../otlp/stored-tables.ts'
import { createDatabase, type TestDatabase } from '../servers/databases.ts'
import { type CapturedOperation, captureRun, captureTimeoutMs } from './capture.ts'

const ours = fileURLToPath(new URL('attach/tracehold-exporters.mjs', import.meta.url))
const stock = fileURLToPath(new URL('attach/stock-exporters.mjs', import.meta.url))

let directory: string
let postgres: TestDatabase

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tracehold-exporters-'))
  postgres = await createDatabase()
})

afterAll(async () => {
  await rm(directory, { recursive: true })
  await postgres.drop()
})

const file = (name: string) => `sqlite:${join(directory, `${name}.db`)}`

async function stored(url: string, projectId = 'default') {
  await using store = await openStore(url, { projectId })
  return await storedTables(store)
}

/** What an import of the requests of the SDK's own serializer stores. */
async function imported(...documents: readonly unknown[]) {
  await using store = await openStore('sqlite::memory:', { migrate: true })
  const lines = documents.map((document) => JSON.stringify(document)).join('\n')
  const report = await importDocuments(store, toAsync(lines))
  expect(report.rejected).toBe(0)
  return await storedTables(store)
}

async function* toAsync(text: string) {
  yield text
}

/** What became of what our exporters were given. */
interface Outcome {
  /** Of every export: 0, or why it failed. */
  outcomes?: unknown[]
  spans: object
}

/** The tokens that the SDK reports of an operation, its sub-agent's included. */
function reportedUsage({ usage, subAgentUsage }: CapturedOperation) {
  const reported = [usage, subAgentUsage].filter((each) => each !== undefined) as Record<string, number>[]
  return reported.reduce<Record<string, number>>((total, { inputTokens = 0, outputTokens = 0, totalTokens = 0 }) => {
    const { inputTokens: input = 0, outputTokens: output = 0, totalTokens: both = 0 } = total
    return { inputTokens: input + inputTokens, outputTokens: output + outputTokens, totalTokens: both + totalTokens }
  }, {})
}

async function storedUsage(url: string, { traceIds }: CapturedOperation) {
  await using store = await openStore(url)
  const [traceId = '', ...more] = traceIds
  expect(more).toEqual([])
  const { inputTokens, outputTokens, totalTokens } = (await store.traces.get(traceId)) ?? {}
  return { inputTokens, outputTokens, totalTokens }
}

describe('an AI SDK agent under NodeSDK', () => {
  it(
    'has the same rows by the exporter, on SQLite and on PostgreSQL, and over serve, in JSON and in protobuf',
    async () => {
      const json = await runServe(['--db', file('json')])
      const protobuf = await runServe(['--db', file('protobuf')])
      const exported = [file('exporter'), postgres.url]
      const env = {
        TRACEHOLD_URLS: JSON.stringify(exported),
        OTLP_JSON_URL: json.base,
        OTLP_PROTOBUF_URL: protobuf.base,
      }
      const capture = await captureRun('node-sdk', { with: [ours, stock], env })
      await Promise.all([json.stop(), protobuf.stop()])

      const wanted = await imported(capture.otlp)
      const operations = capture.expected.operations.filter(({ usage, name }) => usage && name !== 'embedding')
      expect(operations.map(({ name }) => name)).toEqual(['agent', 'stream'])
      for (const url of [...exported, file('json'), file('protobuf')]) {
        const rows = await stored(url)
        expect(rows.spans).toHaveLength(17)
        for (const table of ['traces', 'spans', 'events', 'results']) expect(rows[table]).toEqual(wanted[table])
        for (const each of operations) expect(await storedUsage(url, each)).toEqual(reportedUsage(each))
      }

      for (const url of exported) {
        const rows = await stored(url)
        expect(rows.logs).toMatchObject([{ bodyText: 'All answered.', severity: 9 }])
        // The AI SDK measures too.
        expect(rows.metricPoints).toContainEqual(expect.objectContaining({ metricName: 'questions', value: 1 }))
      }
      const all = { exported: 17, stored: 17, refused: 0, lost: 0, pending: 0, late: 0 }
      expect((capture.attached as Outcome[]).map(({ spans }) => spans)).toEqual([all, all])
    },
    captureTimeoutMs,
  )
})

describe.each([1, 2, 3])('the signals of OpenTelemetry %i.x', (generation) => {
  it(
    'are stored as an import of the stock exporter’s requests stores them',
    async () => {
      const url = file(`otel-${generation}`)
      const capture = await captureRun(`otel-${generation}`, {
        with: [ours],
        env: { TRACEHOLD_URLS: JSON.stringify([url]) },
      })
      const { logs, metrics } = capture as unknown as Record<'logs' | 'metrics', { otlp: unknown }>
      const [rows, wanted] = [await stored(url), await imported(capture.otlp, logs.otlp, metrics.otlp)]
      expect(rows).toEqual(wanted)
      expect(rows.metricPoints).toHaveLength(7)
      const live = await stored(url, 'live')
      for (const table of ['traces', 'spans', 'events']) expect(live[table]).toEqual(rows[table])
      const [outcome] = capture.attached as Outcome[]
      expect(outcome?.outcomes).toEqual(Array.from({ length: 10 }, () => 0))
    },
    captureTimeoutMs,
  )
})
