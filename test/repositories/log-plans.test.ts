import { afterAll, beforeAll, expect, it } from 'vitest'
import { follow } from '../../src/repositories/follow.ts'
import { LogRepository } from '../../src/repositories/log-repository.ts'
import { MetricRepository } from '../../src/repositories/metric-repository.ts'
import { ResultRepository } from '../../src/repositories/result-repository.ts'
import type { NewLog } from '../../src/rows/records.ts'
import { openStore } from '../../src/store/open-store.ts'
import { type Backend, describeBackends } from '../backends.ts'
import { executePostgres } from '../servers/databases.ts'
import { type Explainer, openExplainer, orderKeys } from './explain.ts'

const start = Date.UTC(2026, 10, 1)
const count = 20_000
const time = (n: number) => new Date(start + n * 1000)

function* manyLogs(): Generator<NewLog> {
  for (let n = 0; n < count; n += 1) {
    yield {
      logId: `l${n}`,
      time: time(n),
      severity: n % 100 === 0 ? 17 : 9,
      body: `request ${n} to service-${n % 20} took ${n % 997} ms${n % 5_000 === 7 ? ', card declined by bank' : ''}`,
      serviceName: `service-${n % 20}`,
      traceId: n % 10 === 0 ? `t${n}` : null,
    }
  }
}

interface Repositories {
  logs: LogRepository
  metrics: MetricRepository
  results: ResultRepository
  /** A cursor of logs. */
  middle: string | undefined
}

/** The hot queries, and the index that answers them, on every engine. */
const hot: Record<string, [call: (to: Repositories) => Promise<unknown>, index: RegExp]> = {
  'a search for a rare word': [({ logs }) => logs.search('declined'), /logs_search/],
  'a search for a phrase': [({ logs }) => logs.search('"card declined" bank'), /logs_search/],
  'a search among other conditions': [
    ({ logs }) => logs.list({ and: [{ search: 'declined' }, { not: { serviceName: 'service-1' } }] }),
    /logs_search/,
  ],
  'the statistics of a search': [({ logs }) => logs.statistics({ search: 'declined' }), /logs_search/],
  'the next page of logs': [({ logs, middle }) => logs.list({ after: middle }), /^logs_time$/],
  'failing results of a test': [
    ({ results }) => results.list({ name: 'test-5', or: [{ failing: true }, { score: { lt: 0.5 } }] }),
    /^results_name$/,
  ],
  'a search in a range of time': [({ logs }) => logs.search('declined', { since: time(5_000) }), /logs_search/],
  'the number of lines that a search finds': [({ logs }) => logs.count({ search: 'declined' }), /logs_search/],
  'a log record': [({ logs }) => logs.get('l7'), /logs_.*pk|logs_key/],
  'the first page of logs': [({ logs }) => logs.list(), /^logs_time$/],
  'logs of an hour': [({ logs }) => logs.count({ since: time(0), until: time(3_600) }), /^logs_time$/],
  'the log of a trace': [({ logs }) => logs.byTrace('t500'), /^logs_trace$/],
  'the last errors': [({ logs }) => logs.errors(), /^logs_errors$/],
  'the last fatal errors': [({ logs }) => logs.list({ minSeverity: 'fatal' }), /^logs_errors$/],
  'the latest point': [({ metrics }) => metrics.latest('m5'), /^metric_points_name$/],
  'an hour of a metric': [
    ({ metrics }) => metrics.aggregate('m5', { since: time(0), until: time(3_600) }),
    /^metric_points_name$/,
  ],
  'the history of a test': [({ results }) => results.list({ name: 'test-5' }), /^results_name$/],
  'the results of a trace': [({ results }) => results.list({ traceId: 't7' }), /^results_trace$/],
  'the last results': [({ results }) => results.list(), /^results_time$/],
}

function plansOfRecords(backend: Backend): void {
  let explainer: Explainer
  let to: Repositories

  beforeAll(async () => {
    const store = await openStore(backend.url(), { migrate: true })
    await store.writers.logs.bulk(manyLogs())
    await store.writers.metricPoints.bulk(
      Array.from({ length: count }, (_, n) => ({ metricName: `m${n % 40}`, value: n, time: time(n) })),
    )
    await store.writers.results.bulk(
      Array.from({ length: count }, (_, n) => ({ name: `test-${n % 500}`, time: time(n), traceId: `t${n}` })),
    )
    if (backend.name === 'postgres') await executePostgres(backend.url(), 'analyze')
    explainer = await openExplainer(backend.url(), store.pool)
    const { pool } = explainer
    to = {
      logs: new LogRepository(pool),
      metrics: new MetricRepository(pool),
      results: new ResultRepository(pool),
      middle: (await store.logs.list({ limit: 1000 })).cursor,
    }
    await store.close()
  }, 60_000)
  afterAll(() => explainer.close())

  it.each(Object.entries(hot))('%s: by index', async (_, [call, index]) => {
    const plans = await explainer.plansOf(() => call(to))
    const text = plans.map((plan) => plan.text).join('\n')
    // SQLite calls a search index a virtual table.
    const used = [
      ...plans.flatMap((plan) => plan.indexes),
      ...text.split('\n').filter((line) => /VIRTUAL TABLE/.test(line)),
    ]
    expect(used, text).toContainEqual(expect.stringMatching(index))
    expect(plans.flatMap((plan) => plan.scans)).toEqual([])
  })

  it('a tail reads from where it is', async () => {
    const scope = { pool: explainer.pool, projectId: 'default' }
    const cursors: string[] = []
    for await (const { cursor } of follow(scope, 'logs', { once: true, limit: 1000 })) cursors.push(cursor)
    const after = cursors.at(-2)
    const plans = await explainer.plansOf(() => follow(scope, 'logs', { after, once: true }).next())
    expect(plans.at(-1)?.indexes, plans.at(-1)?.text).toEqual(['logs_commit_seq'])
  })
}

describeBackends('plans of logs, metrics and results', plansOfRecords, { skipOn: [orderKeys] })
