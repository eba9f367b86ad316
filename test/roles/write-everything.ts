import { expect, vi } from 'vitest'
import type { NewSpan } from '../../src/rows/records.ts'
import type { Store } from '../../src/store/store.ts'
import { collect } from '../collect.ts'

const startTime = '2026-11-20T10:00:00.000001Z'

const spansOf = (count: number): NewSpan[] =>
  Array.from({ length: count }, (_, i) => ({
    traceId: `t${i % 7}`,
    spanId: `s${i}`,
    ...(i >= 7 && { parentSpanId: `s${i % 7}` }),
    name: 'chat',
    kind: 'llm',
    startTime,
    endTime: '2026-11-20T10:00:01.000001Z',
    sessionId: 'c1',
    model: 'm',
    inputTokens: 1,
    attributes: { text: 'a secret prompt' },
  }))

/** Stores rows of every kind in every way: COPY, upsert, once more over what is there, runs, and a delete. */
export async function writeEverything({ writers }: Store): Promise<void> {
  const spans = spansOf(100)
  for (const _ of ['new', 'again']) {
    await writers.spans.write(spans)
    await writers.spans.write(spans.slice(0, 3))
    await writers.traces.write({ traceId: 't3', name: 'authored', tags: ['b'], metadata: { team: 'a' } })
    await writers.events.write(
      spans.map(({ traceId, spanId }) => ({ traceId, spanId, ordinal: 0, name: 'e', time: startTime })),
    )
    await writers.results.write(
      spans.map(({ spanId }) => ({
        resultId: spanId,
        name: 'test',
        status: 'passed' as const,
        score: 0.5,
        time: startTime,
      })),
    )
    await writers.metrics.write({ name: 'latency', type: 'gauge' })
    await writers.metricPoints.write(
      spans.map(({ spanId }) => ({ pointId: spanId, metricName: 'latency', value: 1.5, time: startTime })),
    )
    await writers.logs.write(
      spans.map(({ spanId, traceId }) => ({
        logId: spanId,
        traceId,
        body: 'hello there',
        severity: 17,
        time: startTime,
      })),
    )
    const run = {
      trace: { traceId: 'run' },
      spans: [{ traceId: 'run', spanId: 'r', name: 'run', startTime, scope: { name: 'docs' } }],
    }
    await writers.runs.save([run], { source: 'docs' })
    await writers.spans.write({ traceId: 'gone', spanId: 'g', name: 'g', startTime })
    await writers.traces.delete(['gone'])
  }
}

/** What every repository says of it, each in a word or a number. */
export async function readEverything(store: Store): Promise<Record<string, unknown>> {
  const { traces, spans, sessions, results, metrics, logs, analytics } = store
  const size = async (page: Promise<{ items: readonly unknown[] }>) => (await page).items.length
  const follow = async () => {
    const batches = await collect(store.follow('spans', { once: true }))
    return batches.reduce((sum, { items }) => sum + items.length, 0)
  }
  // A transaction of anybody on the server holds rows back: they are waited for.
  const count = await spans.count()
  await vi.waitFor(async () => expect(await follow()).toBe(count), { timeout: 60_000 })
  return {
    trace: (await traces.get('t3'))?.name,
    traces: await size(traces.list()),
    tracesOfTeam: await traces.count({ metadata: { path: 'team', eq: 'a' } }),
    span: (await spans.get('t3', 's3'))?.name,
    spans: await spans.count({ kind: 'llm' }),
    children: (await spans.children('t3', 's3')).length,
    subtree: (await spans.subtree('t3', 's3')).length,
    sessions: await size(sessions.list()),
    session: (await sessions.get('c1'))?.sessionId,
    results: await results.count(),
    flaky: (await results.flaky()).length,
    metric: (await metrics.get('latency'))?.type,
    points: await metrics.count(),
    mean: (await metrics.aggregate('latency')).mean,
    logs: await logs.count(),
    found: await size(logs.search('hello')),
    levels: (await logs.countByLevel()).error,
    usage: (await analytics.usage({ by: ['model'] })).find(({ model }) => model === 'm')?.inputTokens,
    latency: (await analytics.latency({ by: ['model'] })).length,
    statistics: (await analytics.statistics()).sessions,
  }
}
