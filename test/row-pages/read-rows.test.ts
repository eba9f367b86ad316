import { expect, it } from 'vitest'
import { readRows } from '../../src/row-pages/read-rows.ts'
import { emptyStores } from '../copy/open-stores.ts'

const open = emptyStores()

/** How many rows each page of spans has whose inputs are so long. */
async function pagesOf(inputs: readonly number[]): Promise<number[]> {
  const store = await open('sqlite')
  const spans = inputs.map((length, i) => ({
    ...{ traceId: 't', spanId: `${i}`.padStart(6, '0'), name: 'n', input: 'x'.repeat(length) },
    startTime: '2026-11-20T10:00:00Z',
  }))
  await store.writers.spans.write(spans)
  const pages: number[] = []
  for await (const { rows } of readRows(store.pool, 'spans')) pages.push(rows.length)
  return pages
}

const times = (count: number, length: number): number[] => Array.from({ length: count }, () => length)

it('pages of large rows have few from the first one on', async () => {
  expect(await pagesOf(times(25, 300_000))).toEqual([10, 10, 5])
})

it('pages of small rows have many, and the few that are looked at before are not a page', async () => {
  expect(await pagesOf(times(1_500, 10))).toEqual([200, 1_000, 300])
  expect(await pagesOf(times(10, 10))).toEqual([10])
  expect(await pagesOf(times(11, 10))).toEqual([11])
  expect(await pagesOf(times(200, 10))).toEqual([200])
})

it('pages follow rows that become small or large', async () => {
  expect(await pagesOf([...times(20, 300_000), ...times(1_000, 10)])).toEqual([10, 10, 200, 800])
  const [first, ...others] = await pagesOf([...times(100, 10), ...times(200, 60_000)])
  expect(first).toBe(200)
  expect(Math.max(...others)).toBeLessThan(40)
})
