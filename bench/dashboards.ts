import type { Store } from '../src/index.ts'
import type { Bench, BenchOptions, Section } from './bench.ts'
import { type Contender, interleave } from './interleave.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { dayMs, firstStart, monthOfSpans } from './read-contenders.ts'
import { comparison, whole } from './report.ts'

/** Spans for each span of other groups: a day among a month has a thirtieth of them. */
const spansPerRow = 10

const week = { since: new Date(firstStart + 10 * dayMs), until: new Date(firstStart + 17 * dayMs) }
const measures = ['spans', 'errors', 'inputTokens', 'outputTokens', 'totalTokens', 'costUsd'] as const

/** A question, as SQL of one level and through the library. */
interface Question {
  readonly about: string
  readonly sql: string
  readonly asked: Readonly<Record<string, (store: Store) => Promise<unknown>>>
}

const ofWeek = 'project_id = $1 and start_time >= $2 and start_time < $3'

const questions: Readonly<Record<string, Question>> = {
  usage: {
    about: 'usage by model and hour of a week',
    sql: `select model, date_trunc('hour', start_time), count(*), count(*) filter (where status = 'error'),
      sum(coalesce(input_share, input_tokens)), sum(coalesce(output_share, output_tokens)),
      sum(coalesce(total_share, total_tokens)), sum(coalesce(cost_share, cost_usd))
      from tracehold.spans where ${ofWeek} group by 1, 2`,
    asked: {
      'some measures': ({ analytics }) => analytics.usage({ by: ['model'], bucket: 'hour', ...week, measures }),
      'all measures': ({ analytics }) => analytics.usage({ by: ['model'], bucket: 'hour', ...week }),
    },
  },
  latency: {
    about: 'percentiles by tool of a week',
    sql: `select tool_name, count(*), avg(duration_ms), min(duration_ms), max(duration_ms),
      percentile_cont(array[0.5, 0.9, 0.95, 0.99]) within group (order by duration_ms)
      from tracehold.spans where ${ofWeek} group by 1`,
    asked: { latency: ({ analytics }) => analytics.latency({ by: ['tool'], ...week }) },
  },
}

/** What dashboards ask of PostgreSQL, against plain SQL of one level that asks the same. */
export const dashboardsBench: Bench = {
  name: 'dashboards',
  about: `questions of dashboards to PostgreSQL, against plain SQL: ${spansPerRow} x --rows spans of a month`,
  async run(options: BenchOptions): Promise<Section[]> {
    const rows = options.rows * spansPerRow
    options.log(`writing ${rows} spans`)
    const database = await openPostgresDatabase()
    try {
      await database.store.writers.spans.bulk(monthOfSpans(rows))
      await database.client.query('vacuum analyze')
      await database.checkpoint()
      const sections: Section[] = []
      for (const [name, { about, sql, asked }] of Object.entries(questions)) {
        const plain: Contender = {
          id: `${name}-sql`,
          about: 'plain SQL',
          rows,
          async run() {
            await database.client.query(sql, ['default', week.since, week.until])
            return undefined
          },
        }
        const ours = Object.entries(asked).map(
          ([about, ask], i): Contender => ({
            id: `${name}-${i}`,
            about,
            rows,
            async run() {
              await ask(database.store)
              return undefined
            },
          }),
        )
        const measured = await interleave([plain, ...ours], options)
        sections.push(comparison(`Of ${whole(rows)} spans: ${about}`, measured, [plain.id]))
      }
      return sections
    } finally {
      await database.close()
    }
  },
}
