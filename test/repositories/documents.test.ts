import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json } from '../../schema/values.ts'
import type { JsonPredicate } from '../../src/repositories/filters/match.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackends } from '../backends.ts'

describeBackends('conditions on documents', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  /** Stores traces of one test, each with a document, and tells which of them fit a condition. */
  async function stored(test: string, documents: Readonly<Record<string, Json>>) {
    const entries = Object.entries(documents)
    await store.writers.traces.write(
      entries.map(([traceId, document]) => ({ traceId: `${test} ${traceId}`, metadata: { document, test } })),
    )
    return async (path: JsonPredicate['path'], condition: Omit<JsonPredicate, 'path'>) => {
      const wanted = { ...condition, path: ['document', ...[path].flat()] }
      const { items } = await store.traces.list({ metadata: [{ path: 'test', eq: test }, wanted] })
      return items.map(({ traceId }) => traceId.slice(test.length + 1)).sort()
    }
  }

  it('read those with an integer outside of 64 bits', async () => {
    const fitting = await stored('integers', {
      // The same digits in strings, where they stay as they are.
      high: { n: 1e20, text: 'a"\\12345678901234567890123,', '-12345678901234567890': 1 },
      low: { n: [-1e19], text: 'b' },
      small: { n: 5, text: '12345678901234567890123' },
    })
    expect(await fitting('text', { exists: true })).toEqual(['high', 'low', 'small'])
    expect(await fitting('text', { eq: 'a"\\12345678901234567890123,' })).toEqual(['high'])
    expect(await fitting('-12345678901234567890', { exists: true })).toEqual(['high'])
    expect(await fitting('n', { eq: 1e20 })).toEqual(['high'])
    expect(await fitting('n', { ne: 5 })).toEqual(['high', 'low'])
    expect(await fitting('n', { gt: 6 })).toEqual(['high'])
    expect(await fitting(['n', 0], { lt: 0 })).toEqual(['low'])
    expect(await fitting('n', { eq: [-1e19] })).toEqual(['low'])
    expect(await fitting('n', { in: [1e20, 5] })).toEqual(['high', 'small'])
  })
  it('know an index into a list only', async () => {
    const fitting = await stored('indexes', {
      list: { s: ['gpt'], n: [[5], null] },
      object: { s: { '0': 'gpt' }, n: { '0': { '0': 5 } } },
      scalar: { s: 'gpt', n: 5 },
    })
    expect(await fitting(['s', 0], { eq: 'gpt' })).toEqual(['list'])
    expect(await fitting(['s', 0], { ne: 'other' })).toEqual(['list'])
    expect(await fitting(['s', 0], { in: ['gpt'] })).toEqual(['list'])
    expect(await fitting(['s', 0], { exists: false })).toEqual(['object', 'scalar'])
    expect(await fitting(['s', 1], { exists: true })).toEqual([])
    expect(await fitting(['s', '0'], { eq: 'gpt' })).toEqual(['object'])
    expect(await fitting(['n', 0, 0], { gt: 1 })).toEqual(['list'])
    expect(await fitting(['n', 1], { eq: null })).toEqual(['list'])
    expect(await fitting([...new Array(15).fill(0)], { exists: true })).toEqual([])
  })
  it('take long lists of values of any type', async () => {
    const fitting = await stored('lists', {
      text: 'v7',
      number: 7,
      half: 0.1,
      high: 1e20,
      none: null,
      yes: true,
      no: [7],
    })
    const texts = Array.from({ length: 4_000 }, (_, i) => `v${i}`)
    const numbers = Array.from({ length: 4_000 }, (_, i) => i)
    const rest = new Array(900).fill([null, true]).flat()
    expect(await fitting([], { in: [...texts, ...numbers, 0.1, 1e20, ...rest] })).toEqual([
      'half',
      'high',
      'none',
      'number',
      'text',
      'yes',
    ])
    expect(await fitting([], { in: numbers })).toEqual(['number'])
    expect(await fitting([], { in: [[7], false, -1e20, 5e-324] })).toEqual(['no'])
  })
})
