import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'

const seriesCount = 10_000

/** Values of every size, equal ones, and ones whose differences are small beside them. */
const values = fc.oneof(
  fc.array(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 30 }),
  fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 30 }),
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }),
  fc.array(fc.double({ min: 1e9, max: 1e9 + 1, noNaN: true }), { minLength: 2, maxLength: 12 }),
)

function straightforward(numbers: readonly number[]) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const count = sorted.length
  const percentile = (p: number) => {
    const position = p * (count - 1)
    const below = sorted[Math.floor(position)] ?? Number.NaN
    const above = sorted[Math.ceil(position)] ?? Number.NaN
    return below + (above - below) * (position - Math.floor(position))
  }
  const mean = sorted.reduce((sum, value) => sum + value, 0) / count
  const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return {
    count,
    mean,
    median: percentile(0.5),
    min: sorted[0] ?? Number.NaN,
    max: sorted[count - 1] ?? Number.NaN,
    p95: percentile(0.95),
    p99: percentile(0.99),
    stdDev: count > 1 ? Math.sqrt(squares / (count - 1)) : 0,
  }
}

describeBackends('aggregates of points', (backend) => {
  let store: Store
  const series = fc.sample(values, { numRuns: seriesCount, seed: 20_261_120 })

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    await store.writers.metricPoints.bulk(
      series.flatMap((numbers, i) =>
        numbers.map((value, n) => ({ pointId: `${i}-${n}`, metricName: `series-${i}`, value: value + 0 })),
      ),
    )
  }, 120_000)
  afterAll(() => store.close())

  it('equal a straightforward computation to 1e-9', { timeout: 120_000 }, async () => {
    const groups = await store.metrics.aggregates({ by: ['metric'] })
    expect(groups).toHaveLength(seriesCount)
    const found = new Map(groups.map(({ metric, ...aggregate }) => [metric, aggregate]))
    const wrong = series.flatMap((numbers, i) => {
      const expected = straightforward(numbers)
      const actual = found.get(`series-${i}`)
      // To 1e-9 of the largest value: sums of floats depend on their order.
      const scale = Math.max(1, ...numbers.map(Math.abs))
      return Object.entries(expected)
        .filter(([name, value]) => !(Math.abs(Number(actual?.[name as 'mean']) - value) <= 1e-9 * scale))
        .map(([name, value]) => ({ i, name, value, actual: actual?.[name as 'mean'] }))
    })
    expect(wrong).toEqual([])
  })

  it('are the same of one metric alone', async () => {
    for (const i of [0, 1, 2, 3, seriesCount - 1]) {
      const { count, median } = await store.metrics.aggregate(`series-${i}`)
      const expected = straightforward(series[i] ?? [])
      expect(count).toBe(expected.count)
      expect(median).toBeCloseTo(expected.median, 3)
    }
  })
})
