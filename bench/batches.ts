import type { PostgresPool } from '../src/engines/postgres/pool.ts'
import { PostgresSink } from '../src/engines/postgres/sink.ts'
import type { AcceptedRow } from '../src/rows/accepted-row.ts'
import { acceptRow, isAccepted, rowDefaults } from '../src/writers/accept.ts'
import { completeSpan } from '../src/writers/span-rows.ts'
import type { Bench, BenchOptions, Section } from './bench.ts'
import { interleave, median } from './interleave.ts'
import { openPostgresDatabase, type PostgresDatabase } from './postgres-database.ts'
import { openPostgresInserts } from './postgres-inserts.ts'
import { comparison, rounded } from './report.ts'
import { chunked, parsedSpans, wholeRows } from './rows.ts'

const batchRows = 100
/** More batches only take longer. */
const mostRows = 20_000

const crossoverSizes = [1, 5, 10, 20, 50, 100, 200, 500]
/** Batches of one size in a run: enough that a commit that waits for the disk does not decide. */
const crossoverBatches = 40

/** Small writes into PostgreSQL, one transaction each. */
export const batchesBench: Bench = {
  name: 'batches',
  about: 'batches of 100 into PostgreSQL, against drizzle insert; and from which size on COPY beats INSERT',
  async run(options) {
    const database = await openPostgresDatabase()
    try {
      const sections = [await hundreds(database, options)]
      for (const stored of [false, true]) sections.push(await crossover(database, stored, options))
      return sections
    } finally {
      await database.close()
    }
  },
}

async function hundreds(database: PostgresDatabase, options: BenchOptions): Promise<Section> {
  const spans = parsedSpans(Math.min(options.rows, mostRows))
  const inserts = await openPostgresInserts(database.url)
  const writer = database.store.writers.spans
  const shared = {
    rows: spans.length,
    prepare: () => database.empty(),
    verify: () => database.expectRows(spans.length),
  }
  const [drizzle] = inserts.contenders(chunked(wholeRows(spans), batchRows))
  if (!drizzle) throw new Error('drizzle comes first.')
  const everything = async () => {
    for (const batch of chunked(spans, batchRows)) await writer.write(batch)
    return undefined
  }
  try {
    const measured = await interleave(
      [
        { ...shared, id: 'batches', about: 'write() of 100 new spans, everything', run: everything },
        { ...shared, ...drizzle, id: 'drizzle-batches' },
      ],
      options,
    )
    return comparison('Batches of 100 new spans, one after the other', measured, ['drizzle-batches'])
  } finally {
    await inserts.close()
  }
}

/**
 * What `auto` has to know: the time that a batch takes by either method.
 *
 * @param stored whether the spans are stored already, and are replaced
 */
async function crossover(
  { store, empty, checkpoint }: PostgresDatabase,
  stored: boolean,
  options: BenchOptions,
): Promise<Section> {
  const pool = store.pool as PostgresPool
  const prefix = stored ? 'rewrite-' : ''
  let used = 0
  const contenders = crossoverSizes.flatMap((size) =>
    (['insert', 'copy'] as const).map((method) => {
      const sink = new PostgresSink(pool, method)
      let batches: AcceptedRow[][] = []
      const write = async () => {
        for (const batch of batches) {
          const rows = batch.map((row) => sink.prepare('spans', row))
          await sink.write({ entity: 'spans', projectId: 'default', rows })
        }
        return undefined
      }
      return {
        id: `${prefix}${method}-${size}`,
        about: '',
        rows: size * crossoverBatches,
        async prepare() {
          batches = acceptedBatches(size, used)
          used += size * crossoverBatches
          if (!stored) return
          await write()
          await checkpoint()
        },
        run: write,
      }
    }),
  )
  await empty()
  const measured = await interleave(contenders, options)
  const microsOf = (id: string) =>
    (median(measured.find((one) => one.id === id)?.seconds ?? []) / crossoverBatches) * 1e6
  const ratios: Record<string, number> = {}
  const table = crossoverSizes.map((size) => {
    const [insert, copy] = [microsOf(`${prefix}insert-${size}`), microsOf(`${prefix}copy-${size}`)]
    ratios[`${prefix}copy-${size}/${prefix}insert-${size}`] = rounded(insert / copy)
    return [size, Math.round(insert), Math.round(copy), (insert / copy).toFixed(2)].map(String)
  })
  const head = ['rows', 'insert, us a batch', 'copy, us a batch', 'copy x insert']
  const title = `INSERT or COPY, with everything: time of one batch of ${stored ? 'spans that are stored already' : 'new spans'}`
  return { title, table: [head, ...table], ratios }
}

function acceptedBatches(size: number, from: number): AcceptedRow[][] {
  const defaults = rowDefaults('spans', { projectId: 'default', writtenAt: new Date() })
  // A trace starts at every batch, as a span processor's batches mostly hold new spans of a few traces.
  const rows = parsedSpans(size * crossoverBatches, from).map((span) => {
    const row = acceptRow('spans', span, defaults)
    const whole = isAccepted(row) ? completeSpan(row) : row
    if (!isAccepted(whole)) throw new Error('A span was refused.')
    return whole
  })
  return chunked(rows, size)
}
