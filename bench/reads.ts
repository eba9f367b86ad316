import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { and, desc, eq, sql } from 'drizzle-orm'
import { QueryBuilder as PostgresQueries } from 'drizzle-orm/pg-core'
import { QueryBuilder as SqliteQueries } from 'drizzle-orm/sqlite-core'
import postgres from 'postgres'
import { type NewSpan, openStore, type Store } from '../src/index.ts'
import { traceSummaryColumns } from '../src/repositories/columns.ts'
import type { Bench, BenchOptions, Section } from './bench.ts'
import { type Contender, interleave, type Measured, median } from './interleave.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { rounded } from './report.ts'
import { benchSpans } from './spans.ts'

/** Reads of one run: enough that a pause does not decide. */
const reads = 400
const pageSize = 50
const spansPerTrace = 20
const smallRows = 10_000
const firstStart = Date.UTC(2026, 9, 1)
const dayMs = 86_400_000
/** All spans lie within this time, however many there are. */
const daysOfData = 30

/** Spans of `rows` rows over a month. */
function* monthOfSpans(rows: number): Generator<NewSpan> {
  const step = (daysOfData * dayMs * spansPerTrace) / rows
  let n = 0
  for (const span of benchSpans(rows, { spansPerTrace })) {
    const start = firstStart + Math.floor(n / spansPerTrace) * step + (n % spansPerTrace) * 50
    n += 1
    yield { ...span, startTime: new Date(start), endTime: new Date(start + 40) }
  }
}

const traceIdOf = (trace: number) => (trace + 1).toString(16).padStart(32, '0')

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

type Read = (n: number) => Promise<unknown>

const contender = (id: string, about: string, read: Read): Contender => ({
  id,
  about,
  rows: reads,
  async run() {
    for (let n = 0; n < reads; n += 1) await read(n)
    return undefined
  },
})

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
    contender('trace', 'one trace row', (n) => store.traces.get(traceIdOf(n % traces), { spans: false })),
    contender('bare-trace', 'one trace row, bare driver', (n) => bareGet(traceIdOf(n % traces))),
    contender('page', `first page of ${pageSize}`, () => store.traces.list({ limit: pageSize })),
    contender('bare-page', `first page of ${pageSize}, bare driver`, () => bareFirstPage()),
  ]
}

/** A table of microseconds a read, and ratios of times: 1 is as long as the other, less is faster. */
function timesOf(title: string, engine: string, measured: readonly Measured[], pairs: Record<string, string>): Section {
  const micros = (one: Measured) => (median(one.seconds) / one.rows) * 1e6
  const ratios: Record<string, number> = {}
  const table = measured.map((one) => {
    const other = measured.find(({ id }) => id === pairs[one.id])
    const ratio = other && micros(one) / micros(other)
    if (ratio !== undefined && other) ratios[`${engine}-${one.id}/${other.id}`] = rounded(ratio)
    return [one.id, one.about, micros(one).toFixed(0), ratio?.toFixed(2) ?? '']
  })
  return { title, table: [['', '', 'us', 'x time'], ...table], ratios }
}

function readBench(engine: string, fill: (rows: number) => Promise<Filled>): Bench {
  return {
    name: `reads-${engine}`,
    about: `reads of ${engine}: against the bare driver, and of --rows spans against ${smallRows}`,
    async run(options: BenchOptions) {
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
          timesOf(`Reads of ${engine}, against the bare driver`, engine, bare, {
            trace: 'bare-trace',
            page: 'bare-page',
          }),
          timesOf(`Reads of ${engine}: ${options.rows} spans against ${smallRows}`, engine, grown, pairs),
        ]
      } finally {
        await large.close()
        await small.close()
      }
    },
  }
}

/** The reads of every engine. */
export const readBenches: readonly Bench[] = [readBench('postgres', fillPostgres), readBench('sqlite', fillSqlite)]
