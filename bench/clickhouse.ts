import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'
import { openStore, type Store } from '../src/index.ts'
import type { ClickHousePool } from '../src/pool/clickhouse.ts'
import { acceptRow, rowDefaults } from '../src/writers/accept.ts'
import { type AcceptedRow, columnSpecs } from '../src/writers/accepted-row.ts'
import { encodeNative } from '../src/writers/sinks/clickhouse/native.ts'
import { insertTargets } from '../src/writers/sinks/clickhouse/target.ts'
import { completeSpan, spanDefaults } from '../src/writers/span-rows.ts'
import type { Bench } from './bench.ts'
import { type Contender, interleave } from './interleave.ts'
import { comparison } from './report.ts'
import { chunked, parsedSpans, type WholeRow, wholeRows } from './rows.ts'

/** As ClickHouse wants its inserts: a part each, and the fewer the better. */
const batchRows = 50_000

/** Large writes into ClickHouse. */
export const clickhouseBench: Bench = {
  name: 'clickhouse',
  about: "large writes into ClickHouse, embedded and over HTTP, against the client's own JSONEachRow insert",
  async run(options) {
    const spans = parsedSpans(options.rows)
    const batches = chunked(wholeRows(spans), batchRows)
    const places = [await embedded(), await overHttp()]
    try {
      const contenders = places.flatMap(({ id, store, client }): Contender[] => {
        const pool = store.pool as ClickHousePool
        const empty = async () => {
          for (const table of ['spans', 'traces', 'trace_times']) await pool.command(`TRUNCATE TABLE ${table}`)
        }
        const part = { rows: spans.length, prepare: empty, verify: () => expectRows(pool, spans.length) }
        const run = (work: () => Promise<unknown>) => async () => void (await work())
        return [
          { ...part, id, about: 'bulk(), everything, trace rows too', run: run(() => store.writers.spans.bulk(spans)) },
          {
            ...part,
            id: `${id}-rows`,
            about: 'the same encoder, no trace rows',
            run: run(() => rowsOnly(pool, spans)),
          },
          {
            ...part,
            id: `${id}-json`,
            about: 'client.insert, JSONEachRow, no trace rows',
            run: run(async () => {
              for (const batch of batches) {
                await client.insert({ table: 'spans', values: batch.map(jsonRow), format: 'JSONEachRow' })
              }
            }),
          },
        ]
      })
      const measured = await interleave(contenders, options)
      return places.map(({ id, about }) =>
        comparison(
          `Spans into ClickHouse, ${about}, ${batchRows} a batch`,
          measured.filter((one) => one.id === id || one.id.startsWith(`${id}-`)),
          [`${id}-json`],
        ),
      )
    } finally {
      for (const place of places) await place.close()
    }
  },
}

interface Place {
  readonly id: string
  readonly about: string
  readonly store: Store
  readonly client: ClickHouseClient
  close(): Promise<void>
}

const database = 'tracehold'

async function embedded(): Promise<Place> {
  const path = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
  const store = await openStore(`chdb:${path}`, { migrate: true, statementTimeoutMs: 120_000 })
  // The same interface, declared by two packages.
  const client = createClient({ connection: createChdbConnection({ path }) as never })
  await client.command({ query: `USE ${database}` })
  const close = async () => {
    await client.close()
    await store.close()
    await rm(path, { recursive: true, force: true })
  }
  return { id: 'chdb', about: 'in this process', store, client, close }
}

async function overHttp(): Promise<Place> {
  const path = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
  const child = fork(resolve('test/servers/clickhouse-server.mjs'), [path], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // As ClickHouse takes them; Node takes 16 kB.
    execArgv: ['--max-http-header-size=1048576'],
  })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const store = await openStore(`clickhouse://127.0.0.1:${port}/${database}`, {
    migrate: true,
    statementTimeoutMs: 120_000,
  })
  const client = createClient({ url: `http://127.0.0.1:${port}`, database, request_timeout: 120_000 })
  const close = async () => {
    await client.close()
    await store.close()
    child.disconnect()
    await once(child, 'exit')
    await rm(path, { recursive: true, force: true })
  }
  return { id: 'http', about: 'over HTTP', store, client, close }
}

async function rowsOnly(pool: ClickHousePool, spans: ReturnType<typeof parsedSpans>): Promise<void> {
  const { table, columns } = insertTargets.spans
  const names = columns.map(({ name }) => name)
  const stamp = new Date().toISOString()
  const defaults = rowDefaults('spans', { ...spanDefaults(), projectId: 'default', writtenAt: stamp })
  let storing: Promise<void> = Promise.resolve()
  for (const batch of chunked(spans, batchRows)) {
    const rows = batch.map((span) => completeSpan(acceptRow('spans', span, defaults) as AcceptedRow) as AcceptedRow)
    await storing
    storing = pool.insertBinary(table, names, encodeNative(columns, rows))
  }
  await storing
}

/** A row as the client's insert takes it: names and documents as the table has them. */
function jsonRow(row: WholeRow): Record<string, unknown> {
  const values = row as unknown as Record<string, unknown>
  return Object.fromEntries(
    columnSpecs.spans.flatMap(({ key, name, type }) => {
      const value = values[key]
      if (value === undefined || value === null) return []
      if (type === 'json') return [[name, JSON.stringify(value)]]
      return [[name, type === 'timestamp' ? String(value).replace('T', ' ').replace('Z', '') : value]]
    }),
  )
}

async function expectRows(pool: ClickHousePool, expected: number): Promise<void> {
  const [[found] = []] = await pool.rows('select count() from spans', [])
  if (found !== expected) throw new Error(`Expected ${expected} spans, found ${found}.`)
}
