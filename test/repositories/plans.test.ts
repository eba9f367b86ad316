import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Analytics } from '../../src/repositories/analytics/analytics.ts'
import { follow } from '../../src/repositories/follow.ts'
import { SessionRepository } from '../../src/repositories/session-repository.ts'
import { SpanRepository } from '../../src/repositories/span-repository.ts'
import { TraceRepository } from '../../src/repositories/trace-repository.ts'
import type { NewSpan } from '../../src/rows/records.ts'
import { openStore } from '../../src/store/open-store.ts'
import { type Backend, describeBackends } from '../backends.ts'
import { executePostgres } from '../servers/databases.ts'
import { type Explainer, openExplainer, orderKeys } from './explain.ts'

const traceCount = 2_000
const spansPerTrace = 8
const start = Date.UTC(2026, 10, 1)
/** All traces lie within 30 days. */
const step = (30 * 86_400_000) / traceCount

function* manySpans(): Generator<NewSpan> {
  for (let t = 0; t < traceCount; t += 1) {
    for (let s = 0; s < spansPerTrace; s += 1) {
      yield {
        traceId: `t${t}`,
        spanId: `s${s}`,
        parentSpanId: s === 0 ? null : 's0',
        name: 'chat',
        kind: s === 0 ? 'agent' : 'llm',
        status: (t * spansPerTrace + s) % 97 === 0 ? 'error' : 'ok',
        startTime: new Date(start + t * step + s),
        endTime: new Date(start + t * step + s + 5),
        model: `m${s % 3}`,
        sessionId: `c${Math.floor(t / 10)}`,
        userId: `u${t % 200}`,
        inputTokens: s,
      }
    }
  }
}

const day = { since: new Date(start + 86_400_000), until: new Date(start + 2 * 86_400_000) }

/** The hot queries, and the indexes that answer them, on every engine. */
const hot: Record<string, [call: (to: Repositories) => Promise<unknown>, indexes: RegExp[]]> = {
  'a trace with its spans and events': [
    ({ traces }) => traces.get('t5'),
    [
      /traces_.*pk|autoindex_tracehold_traces/,
      /spans_.*pk|autoindex_tracehold_spans/,
      /events_.*pk|autoindex_tracehold_events/,
    ],
  ],
  'a span': [({ spans }) => spans.get('t5', 's1'), [/spans_.*pk|autoindex_tracehold_spans/]],
  'the spans of a trace': [({ spans }) => spans.ofTrace('t5'), [/spans_.*pk|autoindex_tracehold_spans/]],
  'the first page of traces': [({ traces }) => traces.list(), [/^traces_start_time$/]],
  'the next page of traces': [
    async ({ traces, middle }) => traces.list({ after: middle.traces }),
    [/^traces_start_time$/],
  ],
  'the first page of spans': [({ spans }) => spans.list(), [/^spans_start_time$/]],
  'the next page of spans': [async ({ spans, middle }) => spans.list({ after: middle.spans }), [/^spans_start_time$/]],
  'a page from the oldest on': [({ spans }) => spans.list({ direction: 'asc' }), [/^spans_start_time$/]],
  'spans of one day': [({ spans }) => spans.list({ ...day, kind: 'llm' }), [/^spans_start_time$/]],
  'the number of traces of one day': [({ traces }) => traces.count(day), [/^traces_start_time$/]],
  'failed spans': [({ spans }) => spans.list({ hasError: true }), [/^spans_errors$/]],
  'spans with status error': [({ spans }) => spans.list({ status: 'error' }), [/^spans_errors$/]],
  'traces of a session': [({ traces }) => traces.list({ sessionId: 'c7' }), [/^traces_session$/]],
  'traces of a user': [({ traces }) => traces.list({ userId: 'u7' }), [/^traces_user$/]],
  'runs of a parent run': [({ traces }) => traces.runsOf('r'), [/^traces_parent_run$/]],
  'a run by its own id': [({ traces }) => traces.list({ runId: 'own' }), [/^traces_run$/]],
  'a sub-tree': [({ spans }) => spans.subtree('t5', 's0'), [/spans_.*pk|autoindex_tracehold_spans/]],
  'the records of a session': [
    ({ traces }) => traces.records({ sessionId: 'c7' }).next(),
    [/^traces_session$/, /spans_.*pk|autoindex_tracehold_spans/, /events_.*pk|autoindex_tracehold_events/],
  ],
  'spans in traces of a user': [
    ({ spans }) => spans.list({ ...day, inTrace: { userId: 'u7' } }),
    [/^spans_start_time$|spans_.*pk/],
  ],
  'sessions, and their sums': [
    ({ sessions }) => sessions.list({ limit: 5 }),
    [/^traces_(start_time|session)$/, /^traces_session$/],
  ],
  'usage of one day': [({ analytics }) => analytics.usage({ ...day, by: ['model'] }), [/^spans_start_time$/]],
  'latency of one day': [
    ({ analytics }) => analytics.latency({ ...day, by: ['model'], bucket: 'hour' }),
    [/^spans_start_time$/],
  ],
  'runs of one day': [({ analytics }) => analytics.runs({ ...day, by: ['agent'] }), [/^traces_start_time$/]],
}

interface Repositories {
  traces: TraceRepository
  spans: SpanRepository
  sessions: SessionRepository
  analytics: Analytics
  middle: { traces: string | undefined; spans: string | undefined }
}

function plans(backend: Backend): void {
  let explainer: Explainer
  let to: Repositories

  beforeAll(async () => {
    const store = await openStore(backend.url(), { migrate: true })
    await store.writers.traces.write(
      Array.from({ length: traceCount }, (_, t) => ({
        traceId: `t${t}`,
        runId: t === 7 ? 'own' : null,
        parentRunId: t === 5 ? 'r' : null,
        metadata: { team: `team${t % 50}`, user: { ticket: t } },
      })),
    )
    const spans = [...manySpans()]
    for (let from = 0; from < spans.length; from += 800) await store.writers.spans.write(spans.slice(from, from + 800))
    await store.writers.events.write(
      spans.map(({ traceId, spanId, startTime }) => ({ traceId, spanId, ordinal: 0, name: 'e', time: startTime })),
    )
    const middle = {
      traces: (await store.traces.list({ limit: 1000 })).cursor,
      spans: (await store.spans.list({ limit: 1000 })).cursor,
    }
    // With the vacuum, the index of documents has no list of entries that are still to be sorted in.
    if (backend.name === 'postgres') await executePostgres(backend.url(), 'vacuum analyze')
    explainer = await openExplainer(backend.url(), store.pool)
    const { pool } = explainer
    to = {
      traces: new TraceRepository(pool),
      spans: new SpanRepository(pool),
      sessions: new SessionRepository(pool),
      analytics: new Analytics(pool),
      middle,
    }
    await store.close()
  }, 60_000)
  afterAll(() => explainer.close())

  it.each(Object.entries(hot))('%s: by index', async (_, [call, indexes]) => {
    const plans = await explainer.plansOf(() => call(to))
    expect(plans.length).toBeGreaterThan(0)
    const used = plans.flatMap((plan) => plan.indexes)
    for (const index of indexes)
      expect(used, plans.map((plan) => plan.text).join('\n')).toContainEqual(expect.stringMatching(index))
    // The rows of the few traces that a day's usage meets may be found by reading all of these.
    const told = ['traces', 'spans', 'events'].filter((table) => indexes.some(({ source }) => source.includes(table)))
    expect(plans.flatMap((plan) => plan.scans).filter((scan) => told.some((table) => scan.includes(table)))).toEqual([])
  })

  it('usage of one day reads only that day', async () => {
    const [plan] = await explainer.plansOf(() => to.analytics.usage({ ...day, by: ['model'], bucket: 'hour' }))
    // Both ends stand in the condition of the index, not in a filter on what it gave.
    expect(plan?.text).toMatch(
      backend.name === 'sqlite'
        ? /spans_start_time \(project_id=\? AND start_time>\? AND start_time<\?\)/
        : /"Index Cond": "[^"]*start_time >= [^"]*start_time < /,
    )
  })

  it('equal questions have equal texts, and the same plan, whatever the moment and the offset', async () => {
    const hours = (n: number) => new Date(day.until.getTime() + n * 3_600_123)
    const compared = (until: Date) =>
      to.analytics.usage({ by: ['model'], bucket: 'hour', since: day.since, until, compare: true })
    const before = await explainer.plansOf(() => compared(hours(0)))
    const after = await explainer.plansOf(() => compared(hours(1)))
    // Each period is asked of the spans, and of what retention kept.
    expect(before).toHaveLength(4)
    expect(after.map(({ query }) => query)).toEqual(before.map(({ query }) => query))
    for (const { indexes, text } of [...before, ...after].filter(({ query }) => !query.includes('kept_usage')))
      expect(indexes, text).toContain('spans_start_time')
    const pages = await explainer.plansOf(async () => {
      for (const offset of [10, 500, 900]) await to.spans.list({ offset, hasError: true })
    })
    expect(new Set(pages.map(({ query }) => query)).size).toBe(1)
    for (const { indexes, text } of pages) expect(indexes, text).toEqual(['spans_errors'])
  })

  it('follow reads from where it is', async () => {
    const scope = { pool: explainer.pool, projectId: 'default' }
    for (const table of ['traces', 'spans'] as const) {
      const cursors: string[] = []
      for await (const { cursor } of follow(scope, table, { once: true, limit: 1000 })) cursors.push(cursor)
      const after = cursors.at(-2)
      const plans = await explainer.plansOf(() => follow(scope, table, { after, once: true }).next())
      const last = plans.at(-1)
      expect(last?.indexes, last?.text).toEqual([`${table}_commit_seq`])
    }
  })

  it('metadata: by the index of documents, or by the one that an app made of a path', async () => {
    if (backend.name === 'sqlite') indexPlace(backend.url())
    const ticket = ['user', 'ticket']
    const index = backend.name === 'postgres' ? 'traces_metadata' : 'app_ticket'
    for (const call of [
      () => to.traces.list({ metadata: { path: ticket, eq: 77 } }),
      () => to.traces.count({ metadata: { path: ticket, in: [77, 78] } }),
      () => to.analytics.runs({ by: ['agent'], metadata: { path: ticket, eq: 77 } }),
      () =>
        to.sessions.list({
          metadata: [
            { path: ticket, eq: 77 },
            { path: 'team', ne: 'x' },
          ],
        }),
      () => to.traces.count({ or: [{ metadata: { path: ticket, eq: 77 } }, { metadata: { path: ticket, eq: 78 } }] }),
    ]) {
      const plans = await explainer.plansOf(call)
      expect(plans[0]?.indexes, plans[0]?.text).toContain(index)
    }
  })
}

describeBackends('plans', plans, { skipOn: [orderKeys] })

/** What docs/reading.md advises, where SQLite has no index of documents. */
function indexPlace(url: string): void {
  const client = new Database(url.slice('sqlite:'.length))
  client.exec(
    `create index app_ticket on tracehold_traces (project_id, json_extract(metadata, '$."user"."ticket"')); analyze`,
  )
  client.close()
}
