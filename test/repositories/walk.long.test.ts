import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackendsForProcesses } from '../backends.ts'
import { startWriter } from './walk-writer.ts'

const traceCount = 100_000
const start = Date.UTC(2026, 10, 1)
const idOf = (trace: number) => `t${String(trace).padStart(6, '0')}`

describeBackendsForProcesses('a walk over 100 000 traces while another process writes', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    // Eight of each millisecond, so that every page ends among equals.
    const spans = Array.from({ length: traceCount }, (_, i) => ({
      traceId: idOf(i),
      spanId: 's',
      name: 'n',
      startTime: new Date(start + (i >> 3)),
    }))
    await store.writers.spans.bulk(spans)
  }, 180_000)
  afterAll(() => store.close())

  it('meets every trace that was there once, in both directions', async () => {
    const writer = startWriter(backend.url(), { traceCount, start })
    await writer.firstBatch
    for (const direction of ['desc', 'asc'] as const) {
      const seen = new Set<string>()
      let items = 0
      let old = 0
      for await (const { traceId } of store.traces.stream({ direction, batch: 1000 })) {
        seen.add(traceId)
        items += 1
        if (traceId.startsWith('t')) old += 1
      }
      expect(seen.size).toBe(items)
      expect(old).toBe(traceCount)
    }
    expect(await writer.stop()).toBeGreaterThan(200)
  }, 180_000)
})
