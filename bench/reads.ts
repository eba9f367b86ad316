import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { and, desc, eq, sql } from 'drizzle-orm'
import { QueryBuilder as PostgresQueries } from 'drizzle-orm/pg-core'
import { QueryBuilder as SqliteQueries } from 'drizzle-orm/sqlite-core'
import postgres from 'postgres'
import { openStore, type Store } from '../src/index.ts'
import { traceSummaryColumns } from '../src/repositories/trace-rows.ts'
import type { Bench, BenchOptions, Section } from './bench.ts'
import { type Contender, interleave } from './interleave.ts'
import { peerReadBench } from './peer-reads.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import {
  contender,
  dayMs,
  daysOfData,
  firstStart,
  monthOfSpans,
  spansPerTrace,
  timesOf,
  traceIdOf,
} from './read-contenders.ts'

const pageSize = 50
const smallRows = 10_000
/** Reads of one row in a run: 400 of them take 40 ms, most of it in code that V8 has not compiled yet. */
const rowReads = 4_000
/** One engine, filled: the store, and the same reads by the bare driver. */
interface Filled {
  readonly store: Store
  /** Reads one trace row. */
  bareGet(traceId: string): Promise<unknown>
  /** Reads the newest traces. */
  bareFirstPage(): Promise<unknown>
  close(): Promise<void>
}

async function fillPostgres(rows: number): Promise<Filled> {
  const database = await openPostgresDatabase()
  const { store } = database
  await store.writers.spans.bulk(monthOfSpans(rows))
  await database.client.query('vacuum analyze')
  await database.checkpoint()
  const { get, page } = bareTexts(store, new PostgresQueries())
  const client = postgres(database.url, { max: 1, onnotice: () => {} })
  return {
    store,
    bareGet: (traceId) => client.unsafe(get, ['default', traceId], { prepare: true }),
    bareFirstPage: () => client.unsafe(page, ['default', pageSize], { prepare: true }),
    async close() {
      await client.end()
      await database.close()
    },
  }
}

async function fillSqlite(rows: number): Promise<Filled> {
  const directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
  const file = join(directory, 'bench.db')
  const store = await openStore(`sqlite:${file}`, { migrate: true })
  await store.writers.spans.bulk(monthOfSpans(rows))
  const { get, page } = bareTexts(store, new SqliteQueries())
  const client = new Database(file, { readonly: true })
  const [one, many] = [client.prepare(get), client.prepare(page)]
  // What SQLite keeps as text is parsed: without that the rows would be of no use.
  const parsed = (row: unknown) => {
    const { tags, metadata } = row as { tags: string | null; metadata: string | null }
    return Object.assign(row as object, { tags: tags && JSON.parse(tags), metadata: metadata && JSON.parse(metadata) })
  }
  return {
    store,
    bareGet: async (traceId) => parsed(one.get('default', traceId)),
    bareFirstPage: async () => many.all('default', pageSize).map(parsed),
    async close() {
      client.close()
      await store.close()
      await rm(directory, { recursive: true })
    },
  }
}

/** The statements as somebody would write them by hand, of the same columns. */
function bareTexts({ tables }: Store, queries: unknown): { get: string; page: string } {
  const { traces } = tables
  const columns = traceSummaryColumns(tables)
  const from = () => (queries as PostgresQueries).select(columns).from(traces)
  const page = from()
    .where(eq(traces.projectId, sql.placeholder('project')))
    .orderBy(desc(traces.startTime), desc(traces.traceId))
    .limit(sql.placeholder('limit'))
  const get = from().where(
    and(eq(traces.projectId, sql.placeholder('project')), eq(traces.traceId, sql.placeholder('traceId'))),
  )
  return { get: get.toSQL().sql, page: page.toSQL().sql }
}

/** The reads that must not slow as data grows. */
async function growingReads({ store }: Filled, rows: number, size: string): Promise<Contender[]> {
  const traces = rows / spansPerTrace
  const cursorAt = async (trace: number) => {
    const until = new Date(firstStart + trace * ((daysOfData * dayMs * spansPerTrace) / rows))
    return (await store.traces.list({ limit: 1, until })).cursor
  }
  const [middle, last] = [await cursorAt(Math.floor(traces / 2)), await cursorAt(pageSize + 2)]
  const day = { since: new Date(firstStart + 10 * dayMs), until: new Date(firstStart + 11 * dayMs) }
  const name = (read: string) => `${read}-${size}`
  return [
    contender(name('get'), 'one trace with its 20 spans', (n) => store.traces.get(traceIdOf((n * 7919) % traces))),
    contender(name('first'), 'the first page', () => store.traces.list({ limit: pageSize })),
    contender(name('middle'), 'a page in the middle', () => store.traces.list({ limit: pageSize, after: middle })),
    contender(name('last'), 'the last page', () => store.traces.list({ limit: pageSize, after: last })),
    contender(name('day'), 'a page of one day', () => store.traces.list({ limit: 15, ...day })),
  ]
}

const against = ({ store, bareGet, bareFirstPage }: Filled): Contender[] => {
  const traces = smallRows / spansPerTrace
  return [
    contender('trace', 'one trace row', (n) => store.traces.get(traceIdOf(n % traces), { spans: false }), rowReads),
    contender('bare-trace', 'one trace row, bare driver', (n) => bareGet(traceIdOf(n % traces)), rowReads),
    contender('page', `first page of ${pageSize}`, () => store.traces.list({ limit: pageSize })),
    contender('bare-page', `first page of ${pageSize}, bare driver`, () => bareFirstPage()),
  ]
}

async function readsOf(
  engine: string,
  fill: (rows: number) => Promise<Filled>,
  options: BenchOptions,
): Promise<Section[]> {
  const small = await fill(smallRows)
  const large = await fill(options.rows)
  try {
    const bare = await interleave(against(small), options)
    const grown = await interleave(
      [...(await growingReads(small, smallRows, 'small')), ...(await growingReads(large, options.rows, 'large'))],
      options,
    )
    const kinds = ['get', 'first', 'middle', 'last', 'day']
    const pairs = Object.fromEntries(kinds.map((kind) => [`${kind}-large`, `${kind}-small`]))
    return [
      timesOf(`Reads of ${engine}, against the bare driver`, engine, bare, { trace: 'bare-trace', page: 'bare-page' }),
      timesOf(`Reads of ${engine}: ${options.rows} spans against ${smallRows}`, engine, grown, pairs),
    ]
  } finally {
    await large.close()
    await small.close()
  }
}

/** The reads of every engine. */
const readBench: Bench = {
  name: 'reads',
  about: `against the bare drivers, and of --rows spans against ${smallRows}`,
  async run(options) {
    return [...(await readsOf('postgres', fillPostgres, options)), ...(await readsOf('sqlite', fillSqlite, options))]
  },
}

/** Everything about reading. */
export const readBenches: readonly Bench[] = [readBench, peerReadBench]
