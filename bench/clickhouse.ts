import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'
import { type BlockRow, encodeRows } from '../src/engines/clickhouse/block-rows.ts'
import { insertTargets } from '../src/engines/clickhouse/insert-target.ts'
import type { ClickHousePool } from '../src/engines/clickhouse/pool.ts'
import { ClickHouseSink } from '../src/engines/clickhouse/sink.ts'
import type { Batch, SinkResult } from '../src/engines/sink.ts'
import { openStore, type Store } from '../src/index.ts'
import { columnSpecs } from '../src/rows/accepted-row.ts'
import type { NewSpan } from '../src/rows/records.ts'
import { BatchWriter } from '../src/writers/batch-writer.ts'
import { completeSpan, spanDefaults } from '../src/writers/span-rows.ts'
import type { Bench } from './bench.ts'
import { openBenchClickHouse } from './clickhouse-server.ts'
import { type Contender, interleave } from './interleave.ts'
import { comparison } from './report.ts'
import { chunked, parsedSpans, type WholeRow, wholeRows } from './rows.ts'

/** The client's own inserts are as ClickHouse wants them: a part each, and the fewer the better. */
const jsonRows = 50_000

/** Large writes into ClickHouse. */
export const clickhouseBench: Bench = {
  name: 'clickhouse',
  about: "large writes into ClickHouse, embedded and over HTTP, against the client's own JSONEachRow insert",
  async run(options) {
    const spans = parsedSpans(options.rows)
    const batches = chunked(wholeRows(spans), jsonRows)
    const places = [await embedded(), await overHttp()]
    try {
      const contenders = places.flatMap(({ id, store, client }): Contender[] => {
        const pool = store.pool as ClickHousePool
        const empty = async () => {
          for (const table of ['spans', 'traces', 'trace_times']) await pool.command(`TRUNCATE TABLE ${table}`)
        }
        const inserts = new BatchWriter<NewSpan>({
          entity: 'spans',
          projectId: 'default',
          makeSink: () => new InsertOnlySink(pool),
          defaults: spanDefaults,
          finish: completeSpan,
        })
        const part = { rows: spans.length, prepare: empty, verify: () => expectRows(pool, spans.length) }
        const run = (work: () => Promise<unknown>) => async () => void (await work())
        return [
          { ...part, id, about: 'bulk(), everything, trace rows too', run: run(() => store.writers.spans.bulk(spans)) },
          {
            ...part,
            id: `${id}-rows`,
            about: 'the same rows and inserts, no trace rows',
            run: run(() => inserts.bulk(spans)),
          },
          {
            ...part,
            id: `${id}-json`,
            about: `client.insert, JSONEachRow, ${jsonRows} a batch, no trace rows`,
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
          `Spans into ClickHouse, ${about}`,
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
  const server = await openBenchClickHouse()
  const store = await openStore(server.url, { migrate: true, statementTimeoutMs: 120_000 })
  const { origin, pathname } = new URL(server.url.replace('clickhouse:', 'http:'))
  const client = createClient({ url: origin, database: pathname.slice(1), request_timeout: 120_000 })
  const close = async () => {
    await client.close()
    await store.close()
    await server.close()
  }
  return { id: 'http', about: 'over HTTP', store, client, close }
}

/** Stores new rows and nothing else: no look at what is stored, no trace rows. What inserts alone can do. */
class InsertOnlySink extends ClickHouseSink {
  readonly #inserts: ClickHousePool

  constructor(pool: ClickHousePool) {
    super(pool)
    this.#inserts = pool
  }

  override async write({ entity, rows }: Batch<BlockRow>): Promise<SinkResult> {
    const { table, columns } = insertTargets[entity]
    const settings = { optimize_on_insert: 0 }
    const names = columns.map(({ name }) => name)
    await this.#inserts.insertBinary(table, names, encodeRows(rows), { settings })
    return { stored: rows.length, superseded: [], rejected: [] }
  }
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
