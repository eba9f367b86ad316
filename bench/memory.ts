import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench, BenchOptions } from './bench.ts'
import { openBenchClickHouse } from './clickhouse-server.ts'
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

interface Place {
  readonly url: string
  close(): Promise<void>
}

/** A database in a directory of its own. */
const inDirectory = (urlOf: (directory: string) => string) => async (): Promise<Place> => {
  const directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
  return { url: urlOf(directory), close: () => rm(directory, { recursive: true }) }
}

const places: Readonly<Record<string, () => Promise<Place>>> = {
  sqlite: inDirectory((directory) => `sqlite:${join(directory, 'bench.db')}`),
  postgres: () => openPostgresDatabase(),
  clickhouse: openBenchClickHouse,
  'clickhouse, with its engine': inDirectory((directory) => `chdb:${directory}`),
}

/** A million spans from a generator, each engine in a process of its own. */
export const memoryBench: Bench = {
  name: 'memory',
  about: 'a million spans by bulk() from a generator: rows a second and the most memory that the process took',
  onRequest: true,
  async run(options) {
    const runs: [name: string, report: MemoryReport][] = []
    for (const [name, open] of Object.entries(places)) {
      const { url, close } = await open()
      try {
        runs.push([name, await writeInChild(url, options)])
      } finally {
        await close()
      }
    }
    const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024).toString()
    const table = runs.map(([engine, { stored, seconds, firstRss, peakRss }]) => {
      return [engine, whole(stored), whole(stored / seconds), megabytes(firstRss), megabytes(peakRss)]
    })
    const head = ['', 'spans', 'rows/s', 'MiB at first', 'MiB at most']
    return [{ title: 'A million spans from a generator', table: [head, ...table], ratios: {} }]
  },
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
