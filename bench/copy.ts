import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PostgresPool } from '../src/engines/postgres/pool.ts'
import type { NewSpan } from '../src/rows/records.ts'
import { BatchWriter } from '../src/writers/batch-writer.ts'
import { completeSpan, spanDefaults } from '../src/writers/span-rows.ts'
import type { Bench } from './bench.ts'
import { CopyOnlySink } from './copy-only-sink.ts'
import { type Contender, interleave } from './interleave.ts'
import { openPostgresDatabase, type PostgresDatabase } from './postgres-database.ts'
import { openPostgresInserts } from './postgres-inserts.ts'
import { exportSpans, restoreWith } from './psql.ts'
import { comparison } from './report.ts'
import { chunked, parsedSpans, wholeRows } from './rows.ts'

/** The batch that drizzle and multi-row VALUES like best. */
const insertRowsAtOnce = 1_000

/** Large writes into PostgreSQL, against psql and against inserts. */
export const copyBench: Bench = {
  name: 'copy',
  about: 'large writes into PostgreSQL, against psql \\copy, drizzle insert and multi-row VALUES',
  async run(options) {
    const spans = parsedSpans(options.rows)
    const database = await openPostgresDatabase()
    const directory = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
    const inserts = await openPostgresInserts(database.url)
    try {
      const contenders = [
        ...(await yardsticks(database, directory, spans)),
        ...(await ours(database, spans)),
        ...inserts.contenders(chunked(wholeRows(spans), insertRowsAtOnce)),
      ]
      const run = contenders.map(
        (contender): Contender => ({
          rows: spans.length,
          prepare: () => database.empty(),
          verify: () => database.expectRows(spans.length),
          ...contender,
        }),
      )
      const measured = await interleave(run, options)
      return [comparison('Spans into PostgreSQL', measured, ['psql-text', 'psql-binary', 'drizzle'])]
    } finally {
      await inserts.close()
      await database.close()
      await rm(directory, { recursive: true })
    }
  },
}

type Part = Pick<Contender, 'id' | 'about' | 'run'> & Partial<Contender>

/** The same rows, as files of the server's own formats. */
async function yardsticks(database: PostgresDatabase, directory: string, spans: NewSpan[]): Promise<Part[]> {
  await database.empty()
  await database.store.writers.spans.bulk(spans)
  await exportSpans(database.client, directory)
  const { program, restore } = await restoreWith(database.url, directory)
  return [
    { id: 'psql-text', about: `${program} text`, run: () => restore('text') },
    { id: 'psql-binary', about: `${program} binary`, run: () => restore('binary') },
  ]
}

async function ours({ empty, checkpoint, expectRows, store }: PostgresDatabase, spans: NewSpan[]): Promise<Part[]> {
  const copyOnly = new BatchWriter<NewSpan>({
    entity: 'spans',
    projectId: 'default',
    makeSink: () => new CopyOnlySink(store.pool as PostgresPool),
    defaults: spanDefaults,
    finish: completeSpan,
  })
  const writer = store.writers.spans
  const traces = new Set(spans.map(({ traceId }) => traceId)).size
  const bulk = (connections: number) => async () => void (await writer.bulk(spans, { connections }))
  const verify = () => expectRows(spans.length, traces)
  return [
    {
      id: 'copy',
      about: 'binary COPY of new spans, one connection, no trace rows',
      run: async () => void (await copyOnly.bulk(spans, { connections: 1 })),
    },
    { id: 'everything', about: 'the same with locks, probe and trace rows', run: bulk(1), verify },
    { id: 'two-connections', about: 'everything, two connections', run: bulk(2), verify },
    {
      id: 'rewrite',
      about: 'everything, of spans that are all stored already',
      prepare: async () => {
        await empty()
        await bulk(2)()
        await checkpoint()
      },
      run: bulk(1),
      verify,
    },
  ]
}
