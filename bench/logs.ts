import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { logs, metricPoints } from '../schema/postgres.ts'
import { openStore, type Store } from '../src/index.ts'
import type { NewLog, NewMetricPoint } from '../src/rows/records.ts'
import type { Bench, Section } from './bench.ts'
import { type Contender, interleave, median } from './interleave.ts'
import { openPostgresDatabase, type PostgresDatabase } from './postgres-database.ts'
import { comparison, rounded } from './report.ts'
import { chunked } from './rows.ts'

const insertRowsAtOnce = 1_000
/** Lines that are searched for each line that is written. */
const searchedPerWritten = 10
/** One line in so many has the rare word and the phrase. */
const rarity = 2_000

/** Logs and points into PostgreSQL, and the search of logs on each engine. */
export const logsBench: Bench = {
  name: 'logs',
  about: 'logs and points into PostgreSQL against drizzle insert, and searches by index against scans',
  async run(options) {
    const database = await openPostgresDatabase()
    const directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
    try {
      const written = await writing(database, options)
      const lines = options.rows * searchedPerWritten
      await database.client.query('truncate tracehold.logs')
      options.log(`storing ${lines} lines on each engine`)
      await database.store.writers.logs.bulk(benchLogs(lines))
      await database.client.query('vacuum analyze tracehold.logs')
      const sqlite = await openStore(`sqlite:${join(directory, 'logs.db')}`, { migrate: true })
      await sqlite.writers.logs.bulk(benchLogs(lines))
      const searched = [
        await searching('postgres', database.store, options),
        await searching('sqlite', sqlite, options),
      ]
      await sqlite.close()
      return [...written, ...searched]
    } finally {
      await database.close()
      await rm(directory, { recursive: true })
    }
  },
}

type Options = Parameters<Bench['run']>[0]

async function writing({ url, client, store }: PostgresDatabase, options: Options): Promise<Section[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  const db = drizzle(sql)
  const given = { logs: [...benchLogs(options.rows)], points: [...benchPoints(options.rows)] }
  const contender = (table: 'logs' | 'metric_points', part: Pick<Contender, 'id' | 'about' | 'run'>): Contender => ({
    ...part,
    rows: options.rows,
    prepare: async () => void (await client.query(`truncate tracehold.${table}`)),
    async verify() {
      const { rows } = await client.query(`select count(*)::int as stored from tracehold.${table}`)
      if (rows[0].stored !== options.rows) throw new Error(`${part.id} stored ${rows[0].stored} rows`)
    },
  })
  const whole = { projectId: 'default', writtenAt: '2026-11-20T10:03:00.123456Z', attributes: {} }
  const logBatches = chunked(
    given.logs.map(({ body, ...log }) => ({ ...whole, ...log, bodyText: body }) as typeof logs.$inferInsert),
    insertRowsAtOnce,
  )
  const pointBatches = chunked(
    given.points.map((point) => ({ ...whole, ...point }) as typeof metricPoints.$inferInsert),
    insertRowsAtOnce,
  )
  try {
    const ofLogs = await interleave(
      [
        contender('logs', {
          id: 'logs-copy',
          about: 'bulk()',
          run: async () => void (await store.writers.logs.bulk(given.logs)),
        }),
        contender('logs', {
          id: 'logs-drizzle',
          about: `drizzle insert, ${insertRowsAtOnce} a batch`,
          async run() {
            for (const batch of logBatches) await db.insert(logs).values(batch)
            return undefined
          },
        }),
      ],
      options,
    )
    const ofPoints = await interleave(
      [
        contender('metric_points', {
          id: 'points-copy',
          about: 'bulk()',
          run: async () => void (await store.writers.metricPoints.bulk(given.points)),
        }),
        contender('metric_points', {
          id: 'points-drizzle',
          about: `drizzle insert, ${insertRowsAtOnce} a batch`,
          async run() {
            for (const batch of pointBatches) await db.insert(metricPoints).values(batch)
            return undefined
          },
        }),
      ],
      options,
    )
    return [
      comparison('Logs into PostgreSQL', ofLogs, ['logs-drizzle']),
      comparison('Points of metrics into PostgreSQL', ofPoints, ['points-drizzle']),
    ]
  } finally {
    await sql.end()
  }
}

/** A rare word and a phrase: by the index, and by reading every line. */
async function searching(engine: string, store: Store, { runs, rows, log }: Options): Promise<Section> {
  const questions = [
    { id: 'word', search: 'quokka', contains: 'quokka' },
    { id: 'phrase', search: '"card declined"', contains: 'card declined' },
  ]
  const table: string[][] = [['', 'by index, ms', 'by scan, ms', 'times faster']]
  const ratios: Record<string, number> = {}
  for (const { id, search, contains } of questions) {
    const indexMs: number[] = []
    const scanMs: number[] = []
    for (let run = 0; run <= runs; run += 1) {
      const byIndex = await timed(() => store.logs.search(search, { limit: 1000 }))
      // Found lines are few: a list would read to the end as well.
      const byScan = await timed(() => store.logs.list({ bodyText: { contains }, limit: 1000 }))
      const [a, b] = [byIndex, byScan].map(({ items }) => items.map(({ logId }) => logId).join())
      if (a !== b || byIndex.items.length === 0) throw new Error(`${engine}: the index finds other lines than a scan`)
      if (run === 0) continue
      indexMs.push(byIndex.ms)
      scanMs.push(byScan.ms)
    }
    const ratio = median(scanMs) / median(indexMs)
    ratios[`${engine}-${id}-scan/index`] = rounded(ratio)
    table.push([id, median(indexMs).toFixed(1), median(scanMs).toFixed(0), ratio.toFixed(0)])
    log(`${engine} ${id}: ${ratio.toFixed(0)} times faster by index`)
  }
  return { title: `Search of ${rows * searchedPerWritten} lines, ${engine}`, table, ratios }
}

async function timed<T extends object>(ask: () => Promise<T>): Promise<T & { ms: number }> {
  const startedMs = performance.now()
  const answer = await ask()
  return { ...answer, ms: performance.now() - startedMs }
}

const words =
  'request response user booking flight seat refund payment timeout retry service database cache queue worker agent'.split(
    ' ',
  )

/** Log lines as services write them, the same on every run. */
export function* benchLogs(count: number): Generator<NewLog & { logId: string }> {
  const start = Date.UTC(2026, 0, 1)
  for (let n = 0; n < count; n += 1) {
    const text = Array.from({ length: 12 }, (_, i) => words[(n * 31 + i * i * 7) % words.length]).join(' ')
    const rare = n % rarity === 17 ? ' quokka: card declined' : ''
    yield {
      logId: n.toString(16).padStart(32, '0'),
      time: new Date(start + n * 20).toISOString().replace('Z', '123Z'),
      severity: n % 50 === 0 ? 17 : 9,
      severityText: n % 50 === 0 ? 'ERROR' : 'INFO',
      body: `${text} ${n} took ${n % 997} ms${rare}`,
      serviceName: `service-${n % 8}`,
      environment: 'production',
      traceId: n % 4 === 0 ? (n >> 5).toString(16).padStart(32, '0') : null,
      attributes: { 'code.function.name': words[n % words.length] ?? '', 'thread.id': n % 16 },
      resource: { attributes: { 'service.name': `service-${n % 8}` } },
      scope: { name: 'bench', version: '1.0.0' },
    }
  }
}

/** Points as a meter exports them. */
export function* benchPoints(count: number): Generator<NewMetricPoint & { pointId: string }> {
  const start = Date.UTC(2026, 0, 1)
  for (let n = 0; n < count; n += 1) {
    yield {
      pointId: n.toString(16).padStart(32, '0'),
      metricName: `gen_ai.metric.${n % 40}`,
      type: 'counter',
      temporality: 'delta',
      isMonotonic: true,
      time: new Date(start + n * 20).toISOString().replace('Z', '123Z'),
      startTime: new Date(start).toISOString().replace('Z', '000Z'),
      value: (n % 1000) / 7,
      serviceName: `service-${n % 8}`,
      environment: 'production',
      attributes: { 'gen_ai.request.model': 'gpt-4o', 'server.address': `host-${n % 12}` },
      resource: { attributes: { 'service.name': `service-${n % 8}` } },
      scope: { name: 'bench', version: '1.0.0' },
    }
  }
}
