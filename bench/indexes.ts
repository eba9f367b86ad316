import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { openStore, type Store } from '../src/index.ts'
import type { NewSpan, NewTrace } from '../src/rows/records.ts'
import type { Bench, BenchOptions, Section } from './bench.ts'
import { type Contender, interleave } from './interleave.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { comparison } from './report.ts'
import { parsedSpans } from './rows.ts'

/** More rows only take longer: there is a contender for every index, and each of them writes all rows. */
const mostRows = 20_000

interface Records {
  readonly spans: readonly NewSpan[]
  readonly traces: readonly NewTrace[]
}

/** A database that can do without some of its indexes. */
interface Indexed {
  /** The statement that makes each secondary index of spans and traces, by its name. */
  readonly indexes: ReadonlyMap<string, string>
  /** Empties the tables. */
  empty(): Promise<void>
  run(statement: string): Promise<unknown>
  readonly store: Store
  /** The name of an index in a DROP statement. */
  qualified(index: string): string
}

/** What each secondary index costs those who write. */
export const indexesBench: Bench = {
  name: 'indexes',
  about: 'spans, and traces with metadata, into PostgreSQL and SQLite: with all indexes, and without each',
  async run(options) {
    const records = recordsOf(Math.min(options.rows, mostRows))
    return [await intoPostgres(records, options), await intoSqlite(records, options)]
  },
}

/** Spans, and of each trace what its author says: every index has something to hold. */
function recordsOf(rows: number): Records {
  const spans = parsedSpans(rows)
  const ids = [...new Set(spans.map(({ traceId }) => traceId))]
  const traces = ids.map((traceId, n) => ({
    traceId,
    runId: `run-${n}`,
    parentRunId: `run-${n >> 3}`,
    metadata: { team: `team-${n % 40}`, user: { plan: n % 3 === 0 ? 'pro' : 'free', ticket: n } },
  }))
  return { spans, traces }
}

async function intoPostgres(records: Records, options: BenchOptions): Promise<Section> {
  const { client, store, empty, close } = await openPostgresDatabase()
  try {
    const { rows } = await client.query<{ name: string; statement: string }>(
      `select relname as name, pg_get_indexdef(indexrelid) as statement from pg_index join pg_class on pg_class.oid = indexrelid
        where indrelid in ('tracehold.spans'::regclass, 'tracehold.traces'::regclass) and not indisprimary order by 1`,
    )
    const indexes = new Map(rows.map(({ name, statement }) => [name, statement]))
    const run = (statement: string) => client.query(statement)
    const database = { indexes, empty, run, store, qualified: (index: string) => `tracehold.${index}` }
    return await withAndWithout('PostgreSQL', database, records, options)
  } finally {
    await close()
  }
}

async function intoSqlite(records: Records, options: BenchOptions): Promise<Section> {
  const directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
  const file = join(directory, 'bench.db')
  const store = await openStore(`sqlite:${file}`, { migrate: true })
  const client = new Database(file)
  try {
    const rows = client
      .prepare<[], { name: string; sql: string }>(
        `select name, sql from sqlite_master where type = 'index' and sql is not null
          and tbl_name in ('tracehold_spans', 'tracehold_traces') order by name`,
      )
      .all()
    const run = async (statement: string) => client.exec(statement)
    const database = {
      indexes: new Map(rows.map(({ name, sql }) => [name, sql])),
      empty: async () => {
        await run('delete from tracehold_spans; delete from tracehold_traces; pragma wal_checkpoint(truncate)')
      },
      run,
      store,
      qualified: (index: string) => index,
    }
    return await withAndWithout('SQLite', database, records, options)
  } finally {
    client.close()
    await store.close()
    await rm(directory, { recursive: true })
  }
}

async function withAndWithout(
  engine: string,
  { indexes, empty, run, store, qualified }: Indexed,
  { spans, traces }: Records,
  options: BenchOptions,
): Promise<Section> {
  const names = [...indexes.keys()]
  const contender = (id: string, about: string, dropped: readonly string[]): Contender => ({
    id: `${engine.toLowerCase()}-${id}`,
    about,
    rows: spans.length,
    async prepare() {
      await empty()
      for (const name of dropped) await run(`drop index ${qualified(name)}`)
    },
    async run() {
      await store.writers.traces.bulk(traces, { connections: 1 })
      await store.writers.spans.bulk(spans, { connections: 1 })
      return undefined
    },
    async verify() {
      const found = await store.spans.count()
      if (found !== spans.length) throw new Error(`Expected ${spans.length} spans, found ${found}.`)
      for (const name of dropped) await run(indexes.get(name) ?? '')
    },
  })
  const contenders = [
    contender('indexed', 'all indexes', []),
    ...names.map((name) => contender(`without-${name}`, `without ${name}`, [name])),
    contender('bare', 'without all of them', names),
  ]
  const title = `The cost of indexes on ${engine}: spans with everything, and traces with metadata`
  return comparison(title, await interleave(contenders, options), [`${engine.toLowerCase()}-indexed`])
}
