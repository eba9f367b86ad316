import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from '../src/engines/pool.ts'
import { openStore, type Store } from '../src/index.ts'
import type { Bench, BenchOptions, Section } from './bench.ts'
import { type Contender, interleave } from './interleave.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { dayMs, firstStart, monthOfSpans } from './read-contenders.ts'
import { comparison, whole } from './report.ts'

/** Spans for each span of other groups. */
const spansPerRow = 10

const week = { since: new Date(firstStart + 10 * dayMs), until: new Date(firstStart + 17 * dayMs) }

/** What dashboards ask. */
const questions = {
  cost: ['usage by model', ({ analytics }: Store) => analytics.usage({ by: ['model'] })],
  p99: ['latency by model', ({ analytics }: Store) => analytics.latency({ by: ['model'], kind: 'llm' })],
  hours: [
    'usage by model and hour of a week',
    ({ analytics }: Store) => analytics.usage({ by: ['model'], bucket: 'hour', ...week }),
  ],
  users: ['usage by user', ({ analytics }: Store) => analytics.usage({ by: ['user'] })],
} as const satisfies Record<string, readonly [about: string, ask: (store: Store) => Promise<unknown>]>

/** What VACUUM is to PostgreSQL are merges to ClickHouse, which begin by themselves: waits until they have ended. */
async function settledParts(pool: Pool): Promise<number> {
  for (;;) {
    const [[merges] = []] = await pool.rows('select count() from system.merges', [])
    if (Number(merges) === 0) break
    await delay(200)
  }
  const [[parts] = []] = await pool.rows(
    "select count() from system.parts where active and table = 'spans' and database = currentDatabase()",
    [],
  )
  return Number(parts)
}

/** The repositories' analytics on ClickHouse, against PostgreSQL with the same spans. */
export const analyticsBench: Bench = {
  name: 'analytics',
  about: `analytics of the repositories on ClickHouse, against PostgreSQL: ${spansPerRow} x --rows spans`,
  async run(options: BenchOptions): Promise<Section[]> {
    const rows = options.rows * spansPerRow
    options.log(`writing ${rows} spans to both engines`)
    const database = await openPostgresDatabase()
    const path = await mkdtemp(join(tmpdir(), 'tracehold-bench-'))
    const clickhouse = await openStore(`chdb:${path}`, { migrate: true })
    try {
      await clickhouse.writers.spans.bulk(monthOfSpans(rows))
      await database.store.writers.spans.bulk(monthOfSpans(rows))
      await database.client.query('vacuum analyze')
      await database.checkpoint()
      options.log(`${await settledParts(clickhouse.pool)} parts of spans in ClickHouse, when its merges had ended`)
      const names = Object.keys(questions) as (keyof typeof questions)[]
      const contender = (id: string, about: string, store: Store, name: (typeof names)[number]): Contender => ({
        id,
        about,
        rows,
        async run() {
          await questions[name][1](store)
          return undefined
        },
      })
      const measured = await interleave(
        names.flatMap((name) => [
          contender(`${name}-clickhouse`, 'ClickHouse', clickhouse, name),
          contender(`${name}-postgres`, 'PostgreSQL', database.store, name),
        ]),
        options,
      )
      return names.map((name) =>
        comparison(
          `Analytics of ${whole(rows)} spans: ${questions[name][0]}`,
          measured.filter(({ id }) => id.startsWith(`${name}-`)),
          [`${name}-postgres`],
        ),
      )
    } finally {
      await clickhouse.close()
      await rm(path, { recursive: true })
      await database.close()
    }
  },
}
