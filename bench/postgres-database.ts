import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { openStore, type Store, type StoreOptions } from '../src/index.ts'
import { startPostgres } from '../test/servers/postgres.ts'

/** Durable, and with the memory that a small production server would have. */
const settings = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
  timezone: 'UTC',
  // It would come over some runs and not over others.
  autovacuum: 'off',
}

/** A database of one group of measurements, with our tables. */
export interface PostgresDatabase {
  readonly url: string
  /** A session of a superuser beside the measured ones. */
  readonly client: pg.Client
  readonly store: Store
  /** A further store on the same database, closed along with it. */
  openStore(options: StoreOptions): Promise<Store>
  /** Empties the tables and writes everything out that an earlier run left behind. */
  empty(): Promise<void>
  /** Writes out what was prepared, so that no checkpoint falls into the run. */
  checkpoint(): Promise<void>
  /** @throws when the tables do not hold that many rows */
  expectRows(spans: number, traces?: number): Promise<void>
  close(): Promise<void>
}

/**
 * Makes a database on the server that the environment names, else on one that is started for it.
 *
 * @param overrides settings of the server beside the usual ones; a server that is not ours keeps its own
 */
export async function openPostgresDatabase(overrides: Record<string, string> = {}): Promise<PostgresDatabase> {
  const given = process.env.BENCH_POSTGRES_URL || process.env.TEST_POSTGRES_URL
  const server = given ? undefined : await startPostgres(undefined, { ...settings, ...overrides })
  const serverUrl = given ?? server?.url ?? ''
  const name = `tracehold_bench_${randomBytes(6).toString('hex')}`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  await execute(serverUrl, `create database ${name} template template0`)

  const client = new pg.Client(url.href)
  await client.connect()
  const store = await openStore(url.href, { migrate: true })
  const stores = [store]
  const checkpoint = async () => {
    await client.query('checkpoint')
  }
  return {
    url: url.href,
    client,
    store,
    async openStore(options) {
      const opened = await openStore(url.href, options)
      stores.push(opened)
      return opened
    },
    async empty() {
      await client.query('truncate tracehold.traces, tracehold.spans, tracehold.events')
      await checkpoint()
    },
    checkpoint,
    async expectRows(spans, traces) {
      const count = 'select (select count(*) from tracehold.spans)::int, (select count(*) from tracehold.traces)::int'
      const { rows } = await client.query<[number, number]>({ text: count, rowMode: 'array' })
      const [[foundSpans, foundTraces] = []] = rows
      if (foundSpans !== spans || (traces !== undefined && foundTraces !== traces))
        throw new Error(
          `Expected ${spans} spans and ${traces ?? 'any'} traces, found ${foundSpans} and ${foundTraces}.`,
        )
    },
    async close() {
      await Promise.all(stores.map((opened) => opened.close()))
      await client.end()
      if (server) await server.remove()
      else await execute(serverUrl, `drop database ${name} with (force)`)
    },
  }
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
