import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench, BenchOptions } from './bench.ts'
import { startClickHouse } from './clickhouse-server.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { whole } from './report.ts'

/** What the process that writes reports when it is done. */
export interface MemoryReport {
  readonly seconds: number
  readonly stored: number
  /** As the operating system saw it, in bytes. */
  readonly peakRss: number
  /** Before the first span, with the store open. */
  readonly firstRss: number
}

const rows = 1_000_000

/** A million spans from a generator, each engine in a process of its own. */
export const memoryBench: Bench = {
  name: 'memory',
  about: 'a million spans by bulk() from a generator: rows a second and the most memory that the process took',
  onRequest: true,
  async run(options) {
    const runs = [
      ['sqlite', await intoSqlite(options)],
      ['postgres', await intoPostgres(options)],
      ['clickhouse', await intoClickHouse(options)],
      ['clickhouse, with its engine', await intoEmbeddedClickHouse(options)],
    ] as const
    const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024).toString()
    const table = runs.map(([engine, { stored, seconds, firstRss, peakRss }]) => {
      return [engine, whole(stored), whole(stored / seconds), megabytes(firstRss), megabytes(peakRss)]
    })
    const head = ['', 'spans', 'rows/s', 'MiB at first', 'MiB at most']
    return [{ title: 'A million spans from a generator', table: [head, ...table], ratios: {} }]
  },
}

async function intoSqlite(options: BenchOptions): Promise<MemoryReport> {
  const directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
  try {
    return await writeInChild(`sqlite:${join(directory, 'bench.db')}`, options)
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function intoPostgres(options: BenchOptions): Promise<MemoryReport> {
  const database = await openPostgresDatabase()
  try {
    return await writeInChild(database.url, options)
  } finally {
    await database.close()
  }
}

async function intoClickHouse(options: BenchOptions): Promise<MemoryReport> {
  const server = await startClickHouse()
  try {
    return await writeInChild(server.url, options)
  } finally {
    await server.close()
  }
}

async function intoEmbeddedClickHouse(options: BenchOptions): Promise<MemoryReport> {
  const directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
  try {
    return await writeInChild(`chdb:${directory}`, options)
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function writeInChild(url: string, { log }: BenchOptions): Promise<MemoryReport> {
  const program = fileURLToPath(new URL('./memory-child.js', import.meta.url))
  // A plain node as a service has it: no flags of ours.
  const child = fork(program, [String(rows)], { execArgv: [], env: { ...process.env, BENCH_URL: url } })
  const reported = once(child, 'message')
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`The process that writes ended with code ${code}.`)
  })
  const [report] = (await Promise.race([reported, failed])) as [MemoryReport]
  failed.catch(() => {})
  log(`${url.slice(0, url.indexOf(':'))}  ${Math.round(report.peakRss / 1024 / 1024)} MiB at most`)
  if (report.stored !== rows) throw new Error(`Expected ${rows} spans, stored ${report.stored}.`)
  return report
}
