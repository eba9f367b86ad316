import { afterAll, beforeAll, expect, it } from 'vitest'
import { exportDocuments } from '../../src/export/export-documents.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackends } from '../backends.ts'

describeBackends('an export', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it('counts a trace once, over however many pieces it goes', async () => {
    const startTime = '2026-11-20T10:00:00Z'
    const spans = (traceId: string, count: number) =>
      Array.from({ length: count }, (_, i) => ({ traceId, spanId: `s${i}`, name: 'n', startTime }))
    await store.writers.spans.write([...spans('small', 3), ...spans('large', 2_500), ...spans('other', 2)])
    const counts: number[] = []
    let written = 0
    for await (const { text, traces } of exportDocuments(store)) {
      counts.push(traces)
      written += text.split('"spanId"').length - 1
    }
    expect(written).toBe(2_505)
    expect(counts.length).toBeGreaterThan(3)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3)
    const small: number[] = []
    for await (const { text } of exportDocuments(store, { batchSpans: 100 }))
      small.push(text.split('"spanId"').length - 1)
    expect(small.reduce((sum, count) => sum + count, 0)).toBe(2_505)
    expect(Math.max(...small)).toBe(100)
  })

  it('writes the traces of selectools in the order of saving, as its own store does', async () => {
    const own = store.forProject('saved')
    const saved = ['b', 'c', 'a']
    // Saved in another order than they began.
    for (const [i, traceId] of saved.entries()) {
      await own.writers.spans.write({ traceId, spanId: 's', name: 'n', startTime: `2026-11-2${5 - i}T10:00:00Z` })
    }
    const ids: string[] = []
    for await (const { text } of exportDocuments(own, { format: 'selectools' })) {
      for (const line of text.trim().split('\n')) ids.push((JSON.parse(line) as { run_id: string }).run_id)
    }
    expect(ids).toEqual(saved)
    expect(
      (await own.traces.list({ orderBy: 'created', direction: 'asc' })).items.map(({ traceId }) => traceId),
    ).toEqual(saved)
  })
})
