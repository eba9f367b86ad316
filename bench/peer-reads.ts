import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store } from '../src/index.ts'
import type { Bench, BenchOptions, Section } from './bench.ts'
import { interleave } from './interleave.ts'
import { install, load, type MastraStore, mastraWrites } from './peers.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { contender, monthOfSpans, spansPerTrace, timesOf, traceIdOf } from './read-contenders.ts'

const pageSize = 100
/** Reads of one run, of which the slowest take 50 ms. */
const reads = 100

/** Reading a trace and a list, as other stores of agents' traces do it. */
export const peerReadBench: Bench = {
  name: 'peer-reads',
  about: "reads against Mastra's PostgreSQL and libsql stores; installs them into build/peers",
  onRequest: true,
  async run(options) {
    install(options)
    return [await onPostgres(options), await onSqlite(options)]
  },
}

async function onPostgres(options: BenchOptions): Promise<Section> {
  const database = await openPostgresDatabase()
  const { PostgresStore } = (await load('@mastra/pg')) as { PostgresStore: new (config: object) => MastraStore }
  const mastra = new PostgresStore({ id: 'bench', connectionString: database.url })
  try {
    return await compared('PostgreSQL', 'mastra-pg', database.store, mastra, options, async () => {
      await database.client.query('vacuum analyze')
    })
  } finally {
    await mastra.close?.()
    await database.close()
  }
}

async function onSqlite(options: BenchOptions): Promise<Section> {
  const { LibSQLStore } = (await load('@mastra/libsql')) as { LibSQLStore: new (config: object) => MastraStore }
  const directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
  const store = await openStore(`sqlite:${join(directory, 'bench.db')}`, { migrate: true })
  const mastra = new LibSQLStore({ id: 'bench', url: `file:${join(directory, 'mastra.db')}` })
  try {
    return await compared('SQLite', 'mastra-libsql', store, mastra, options)
  } finally {
    await mastra.close?.()
    await store.close()
    await rm(directory, { recursive: true })
  }
}

async function compared(
  engine: string,
  peer: string,
  store: Store,
  mastra: MastraStore,
  options: BenchOptions,
  settle: () => Promise<void> = async () => {},
): Promise<Section> {
  const { rows } = options
  await mastra.init()
  const spans = [...monthOfSpans(rows)]
  await store.writers.spans.bulk(spans)
  await (await mastraWrites(mastra, spans))()
  await settle()
  const theirs = await mastra.getStore('observability')
  if (!theirs) throw new Error('This version of Mastra keeps no spans.')
  const traces = Math.floor(rows / spansPerTrace)
  const idOf = (n: number) => traceIdOf((n * 7919) % traces)
  const whole = (found: { spans: unknown[] } | null | undefined, expected: number) => {
    if (found?.spans.length !== expected) throw new Error(`Expected ${expected} spans, found ${found?.spans.length}.`)
  }
  const measured = await interleave(
    [
      contender(
        'get',
        `a trace with its ${spansPerTrace} spans`,
        async (n) => whole(await store.traces.get(idOf(n)), spansPerTrace),
        reads,
      ),
      contender(
        `${peer}-get`,
        'the same, getTrace',
        async (n) => whole(await theirs.getTrace({ traceId: idOf(n) }), spansPerTrace),
        reads,
      ),
      contender(
        'list',
        `the newest ${pageSize} traces`,
        async () => {
          const { items } = await store.traces.list({ limit: pageSize })
          whole({ spans: items }, pageSize)
        },
        reads,
      ),
      contender(
        `${peer}-list`,
        'the same, listTraces',
        async () => whole(await theirs.listTraces({ pagination: { page: 0, perPage: pageSize } }), pageSize),
        reads,
      ),
    ],
    options,
  )
  return timesOf(`Reads of ${rows} spans in ${engine}, against Mastra`, engine.toLowerCase(), measured, {
    [`${peer}-get`]: 'get',
    [`${peer}-list`]: 'list',
  })
}
