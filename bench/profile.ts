import type pg from 'pg'
import { RowEncoder } from '../src/engines/postgres/encoded-row.ts'
import type { AcceptedRow } from '../src/rows/accepted-row.ts'
import { acceptRow, isAccepted, rowDefaults } from '../src/writers/accept.ts'
import { completeSpan } from '../src/writers/span-rows.ts'
import type { Bench, BenchOptions, Section } from './bench.ts'
import { type Contender, interleave, median } from './interleave.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { chunked, parsedSpans } from './rows.ts'

const statementWidth = 60

/** Where the time of the large writes goes. */
export const profileBench: Bench = {
  name: 'profile',
  about: "where the time goes: Node's own work for a row, and the server's for each statement",
  onRequest: true,
  run: async (options) => [await nodeWork(options), ...(await serverWork(options))],
}

/** What this process does for a row, without a server. */
async function nodeWork(options: BenchOptions): Promise<Section> {
  const spans = parsedSpans(options.rows)
  const defaults = rowDefaults('spans', { projectId: 'default', writtenAt: new Date() })
  const accept = (): AcceptedRow[] =>
    spans.map((span) => {
      const row = acceptRow('spans', span, defaults)
      const whole = isAccepted(row) ? completeSpan(row) : row
      if (!isAccepted(whole)) throw new Error('A span was refused.')
      return whole
    })
  const rows = accept()
  const documents = spans.map(({ input, output, attributes, resource, scope, contentKeys, finishReasons }) => {
    return [input, output, attributes, resource, scope, contentKeys, finishReasons]
  })
  const work = (id: string, about: string, run: () => void): Contender => {
    return { id, about, rows: spans.length, run: async () => void run() }
  }
  const measured = await interleave(
    [
      work('accept', 'check a span and turn it into a row', () => {
        // In batches, as the writer has them: rows do not live longer than theirs.
        for (const batch of chunked(spans, 5_000)) for (const span of batch) acceptRow('spans', span, defaults)
      }),
      work('stringify', 'of that: JSON.stringify of its documents', () => {
        for (const row of documents) for (const value of row) JSON.stringify(value)
      }),
      work('encode', 'a row into binary COPY', () => {
        const encoder = new RowEncoder()
        for (const row of rows) encoder.encode('spans', row)
      }),
    ],
    options,
  )
  const table = measured.map(({ id, about, rows: count, seconds }) => {
    return [id, about, ((median(seconds) / count) * 1e6).toFixed(2)]
  })
  return { title: 'Node, us a row', table: [['', '', 'us/row'], ...table], ratios: {} }
}

/** What the server does for each statement of a large write, as pg_stat_statements counts it. */
async function serverWork(options: BenchOptions): Promise<Section[]> {
  const spans = parsedSpans(options.rows)
  const database = await openPostgresDatabase({
    shared_preload_libraries: 'pg_stat_statements',
    'pg_stat_statements.track_utility': 'on',
  })
  const { client, empty, checkpoint } = database
  const writer = database.store.writers.spans
  const batches = chunked(spans.slice(0, 20_000), 100)
  const large = async () => void (await writer.bulk(spans, { connections: 1 }))
  const small = async () => {
    for (const batch of batches) await writer.write(batch)
  }
  try {
    await client.query('create extension pg_stat_statements')
    await large()
    await small()
    const sections: Section[] = []
    const measure = async (title: string, work: () => Promise<void>) => {
      await checkpoint()
      await client.query('select pg_stat_statements_reset()')
      const startedMs = performance.now()
      await work()
      const milliseconds = performance.now() - startedMs
      sections.push(await statements(client, `${title}: ${Math.round(milliseconds)} ms`, milliseconds))
    }
    await empty()
    await measure(`Server, ${spans.length} new spans, everything, one connection`, large)
    await measure(`Server, the same spans again`, large)
    await empty()
    await measure(`Server, ${batches.length} batches of 100 new spans, everything`, small)
    return sections
  } finally {
    await database.close()
  }
}

async function statements(client: pg.Client, title: string, milliseconds: number): Promise<Section> {
  const { rows } = await client.query<{ query: string; calls: number; total: number; wal: number }>(
    `select query, calls::int, total_exec_time as total, wal_bytes::float8 as wal from pg_stat_statements
     where query !~ 'pg_stat_statements|checkpoint' order by total desc limit 10`,
  )
  const table = rows.map(({ query, calls, total, wal }) => [
    query.replace(/\s+/g, ' ').slice(0, statementWidth),
    String(calls),
    total.toFixed(0),
    (total / calls).toFixed(2),
    `${((total / milliseconds) * 100).toFixed(0)} %`,
    (wal / 1024 / 1024).toFixed(1),
  ])
  return { title, table: [['statement', 'calls', 'ms', 'ms each', 'of the time', 'MiB of WAL'], ...table], ratios: {} }
}
