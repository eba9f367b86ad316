import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/store.ts'
import { describeBackends } from '../backends.ts'

const traceCount = 100_000
const start = Date.UTC(2026, 10, 1)
const idOf = (trace: number) => `t${String(trace).padStart(6, '0')}`

describeBackends('a walk over 100 000 traces while others write', (backend) => {
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
    const writer = await openStore(backend.url())
    let walking = true
    let written = 0
    const writing = (async () => {
      while (walking) {
        const first = written
        written += 200
        // New traces all over the time that is walked, and new spans of traces that are there.
        await writer.writers.spans.write(
          Array.from({ length: 200 }, (_, i) => {
            const at = ((first + i) * 7919) % traceCount
            const startTime = new Date(start + (at >> 3))
            return i % 2 === 0
              ? { traceId: `new${first + i}`, spanId: 's', name: 'n', startTime }
              : { traceId: idOf(at), spanId: `s${first + i}`, name: 'n', startTime }
          }),
        )
      }
    })()
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
    walking = false
    await writing
    expect(written).toBeGreaterThan(200)
    await writer.close()
  }, 180_000)
})
