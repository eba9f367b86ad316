import { parseArgs } from 'node:util'
import { analyticsBench } from './analytics.ts'
import { batchesBench } from './batches.ts'
import type { Bench, BenchOptions, Section } from './bench.ts'
import { cacheBench } from './cache.ts'
import { clickhouseBench } from './clickhouse.ts'
import { copyBench } from './copy.ts'
import { dashboardsBench } from './dashboards.ts'
import { growthBench } from './growth.ts'
import { importBench } from './import.ts'
import { indexesBench } from './indexes.ts'
import { logsBench } from './logs.ts'
import { memoryBench } from './memory.ts'
import { otelExporterBench } from './otel-exporter.ts'
import { peersBench } from './peers.ts'
import { profileBench } from './profile.ts'
import { readBenches } from './reads.ts'
import { recordsBench } from './record-exporter.ts'
import { asJson, asText } from './report.ts'
import { serveBench, serveMemoryBench } from './serve.ts'
import { sqliteBench } from './sqlite.ts'

const usage = (benches: readonly Bench[]) => `npm run bench -- [--only NAME,NAME] [--rows N] [--runs N] [--json]

${benches.map(({ name, about, onRequest }) => `  ${name.padEnd(10)}  ${about}${onRequest ? ' (only when named)' : ''}`).join('\n')}

--rows N  spans that each contender stores (100000)
--runs N  how often each contender runs; medians are reported (3)
--json    nothing but { "ratios": { "copy/psql-text": 1.1, … } } on standard output

BENCH_POSTGRES_URL or TEST_POSTGRES_URL names the server to use; else one is started for the run.`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rows: { type: 'string', default: '100000' },
      runs: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const benches = [
    copyBench,
    batchesBench,
    sqliteBench,
    growthBench,
    importBench,
    serveBench,
    otelExporterBench,
    indexesBench,
    clickhouseBench,
    ...readBenches,
    logsBench,
    cacheBench,
    recordsBench,
    analyticsBench,
    dashboardsBench,
    peersBench,
    memoryBench,
    serveMemoryBench,
    profileBench,
  ]
  if (values.help) return console.log(usage(benches))

  const options: BenchOptions = {
    rows: atLeastOne('rows', values.rows),
    runs: atLeastOne('runs', values.runs),
    log: (line) => console.error(line),
  }
  const sections: Section[] = []
  for (const bench of chosen(benches, values.only)) {
    options.log(`\n${bench.name}: ${bench.about}`)
    const found = await bench.run(options)
    sections.push(...found)
    if (!values.json) console.log(`\n${asText(found)}`)
  }
  if (values.json) console.log(asJson(sections))
}

function chosen(benches: readonly Bench[], only: string | undefined): readonly Bench[] {
  if (only === undefined) return benches.filter(({ onRequest }) => !onRequest)
  return only.split(',').map((name) => {
    const bench = benches.find((one) => one.name === name.trim())
    if (!bench) throw new Error(`There is no bench '${name}'.\n\n${usage(benches)}`)
    return bench
  })
}

function atLeastOne(option: string, value: string): number {
  const number = Number(value.replaceAll('_', ''))
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${option} must be a whole number, 1 or more.`)
  return number
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
