import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type NewSpan, openStore } from '../src/index.ts'
import type { Bench, BenchOptions, Section } from './bench.ts'
import { type Contender, interleave } from './interleave.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { comparison } from './report.ts'
import { chunked, parsedSpans } from './rows.ts'

/** The versions that were measured for docs/performance.md. */
const packages = { '@mastra/core': '1.71.0', '@mastra/pg': '1.27.1', '@mastra/libsql': '1.23.1' }
const folder = fileURLToPath(new URL('../peers', import.meta.url))
const recordsAtOnce = 1_000

/** What is used of a Mastra store. */
export interface MastraStore {
  init(): Promise<void>
  close?(): Promise<void>
  getStore(domain: 'observability'): Promise<Observability | undefined>
}

interface Observability {
  batchCreateSpans(batch: { records: object[] }): Promise<void>
  getTrace(which: { traceId: string }): Promise<{ spans: unknown[] } | null>
  listTraces(which: { pagination: { page: number; perPage: number } }): Promise<{ spans: unknown[] }>
}

/** Other stores of agents' traces. */
export const peersBench: Bench = {
  name: 'peers',
  about: "against Mastra's PostgreSQL and libsql stores; installs them into build/peers",
  onRequest: true,
  async run(options) {
    install(options)
    const spans = parsedSpans(options.rows)
    return [await onPostgres(spans, options), await onSqlite(spans, options)]
  },
}

async function onPostgres(spans: NewSpan[], options: BenchOptions): Promise<Section> {
  const database = await openPostgresDatabase()
  const { PostgresStore } = (await load('@mastra/pg')) as { PostgresStore: new (config: object) => MastraStore }
  const mastra = new PostgresStore({ id: 'bench', connectionString: database.url })
  try {
    await mastra.init()
    const { rows } = await database.client.query<{ name: string }>(
      "select table_schema || '.' || table_name as name from information_schema.tables where table_name = 'mastra_ai_spans'",
    )
    const table = rows[0]?.name ?? 'mastra_ai_spans'
    const contenders: Contender[] = [
      {
        id: 'postgres',
        about: 'bulk(), everything, two connections',
        rows: spans.length,
        prepare: () => database.empty(),
        run: async () => void (await database.store.writers.spans.bulk(spans)),
        verify: () => database.expectRows(spans.length),
      },
      {
        id: 'mastra-pg',
        about: mastraAbout,
        rows: spans.length,
        run: await mastraWrites(mastra, spans),
        async prepare() {
          await database.client.query(`truncate ${table}`)
          await database.checkpoint()
        },
        async verify() {
          const found = await database.client.query<{ count: number }>(`select count(*)::int from ${table}`)
          if (found.rows[0]?.count !== spans.length) throw new Error('Mastra did not store every span.')
        },
      },
    ]
    return comparison('PostgreSQL', await interleave(contenders, options), ['mastra-pg'])
  } finally {
    await mastra.close?.()
    await database.close()
  }
}

async function onSqlite(spans: NewSpan[], options: BenchOptions): Promise<Section> {
  const { LibSQLStore } = (await load('@mastra/libsql')) as { LibSQLStore: new (config: object) => MastraStore }
  const ours = { id: 'sqlite', about: 'bulk(), everything', rows: spans.length }
  const contenders = [
    onFreshFile(ours, async (path) => {
      const store = await openStore(`sqlite:${path}`, { migrate: true })
      return { run: () => store.writers.spans.bulk(spans), close: () => store.close() }
    }),
    onFreshFile({ id: 'mastra-libsql', about: mastraAbout, rows: spans.length }, async (path) => {
      const mastra = new LibSQLStore({ id: 'bench', url: `file:${path}` })
      await mastra.init()
      return { run: await mastraWrites(mastra, spans), close: async () => mastra.close?.() }
    }),
  ]
  return comparison('SQLite', await interleave(contenders, options), ['mastra-libsql'])
}

interface OnFile {
  run(): Promise<unknown>
  close(): Promise<void>
}

/** A contender that has a new file in each run. */
function onFreshFile(
  contender: Pick<Contender, 'id' | 'about' | 'rows'>,
  open: (path: string) => Promise<OnFile>,
): Contender {
  let directory = ''
  let opened: OnFile | undefined
  return {
    ...contender,
    async prepare() {
      directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
      opened = await open(join(directory, 'bench.db'))
    },
    async run() {
      await opened?.run()
      return undefined
    },
    async verify() {
      await opened?.close()
      await rm(directory, { recursive: true })
    },
  }
}

const mastraAbout = `batchCreateSpans, ${recordsAtOnce} a batch`

/** Writes the spans through a Mastra store, which has them in its own form before the clock runs. */
export async function mastraWrites(mastra: MastraStore, spans: NewSpan[]): Promise<() => Promise<undefined>> {
  const store = await mastra.getStore('observability')
  if (!store) throw new Error('This version of Mastra keeps no spans.')
  const batches = chunked(spans.map(mastraSpan), recordsAtOnce)
  return async () => {
    for (const records of batches) await store.batchCreateSpans({ records })
    return undefined
  }
}

/** The same span in Mastra's form. */
function mastraSpan(span: NewSpan): object {
  const { traceId, spanId, parentSpanId, name, kind, input, output } = span
  const spanType = kind === 'agent' ? 'agent_run' : kind === 'tool' ? 'tool_call' : 'model_generation'
  return {
    traceId,
    spanId,
    parentSpanId: parentSpanId ?? null,
    name,
    spanType,
    entityType: kind === 'tool' ? 'tool' : 'agent',
    entityId: span.agentName,
    entityName: span.agentName,
    userId: span.userId,
    sessionId: span.sessionId,
    environment: span.environment,
    serviceName: span.serviceName,
    source: 'local',
    isEvent: false,
    startedAt: new Date(String(span.startTime)),
    endedAt: new Date(String(span.endTime)),
    attributes: span.attributes,
    metadata: { resource: span.resource, scope: span.scope, responseId: span.responseId, costUsd: span.costUsd },
    input,
    output,
    error: span.status === 'error' ? { message: 'failed' } : null,
  }
}

/** Installs the peers where they are not yet. */
export function install({ log }: BenchOptions): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: packages }))
  log('Installing the peers into build/peers with npm (no scripts are run).')
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const shell = process.platform === 'win32'
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], shell })
  if (status !== 0) throw new Error('npm could not install the peers: its message is above.')
}

/** Imports a peer. */
export function load(name: string): Promise<unknown> {
  return import(pathToFileURL(createRequire(join(folder, 'package.json')).resolve(name)).href)
}
