import type { Store } from '../../src/store/store.ts'
import { randomTraces } from '../../src/testing/index.ts'
import { DatabaseTraceStore } from '../../src/trace-store/database.ts'

/** Rows of every table, in two projects. */
export async function fill(store: Store): Promise<void> {
  for (const each of [store, store.forProject('ü other')]) {
    const traces = new DatabaseTraceStore(each)
    await Promise.all(randomTraces(30, each.projectId.length).map((trace) => traces.save(trace)))
    const startTime = '2026-11-20T10:00:00.000001Z'
    const spans = Array.from({ length: 500 }, (_, i) => ({
      traceId: `t${i % 7}`,
      spanId: `🚀${i}`,
      name: 'chat',
      kind: 'llm' as const,
      startTime,
      inputTokens: i,
      costUsd: i / 1e9,
      attributes: { 'a.b': i, text: 'x'.repeat(i), none: null, list: [1.5, { z: 1, a: 2 }] },
      tags: ['a'],
    }))
    await each.writers.spans.write(spans)
    await each.writers.traces.write({ traceId: 't3', name: 'authored', tags: ['b'], metadata: { b: 1, a: 2 } })
    await each.writers.events.write(
      spans
        .slice(0, 50)
        .map(({ traceId, spanId }, ordinal) => ({ traceId, spanId, ordinal, name: 'e', time: startTime })),
    )
    await each.writers.results.write({ name: 'test', status: 'passed', score: 0.5 })
    await each.writers.metrics.write({ name: 'latency' })
    await each.writers.metricPoints.write({ metricName: 'latency', value: 1.5 })
    await each.writers.logs.write([{ body: 'hello' }, { body: 'wörld' }])
  }
}
