import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isoFromMicros } from '../../schema/time.ts'
import { openStore, type Store } from '../../src/index.ts'
import type { NewMetricPoint } from '../../src/rows/records.ts'
import { describeBackends } from '../backends.ts'
import { runsOn } from '../runs.ts'

const origin = Date.UTC(2026, 10, 20, 10) * 1000
const at = (second: number) => isoFromMicros(origin + second * 1_000_000)

const kinds = ['counter', 'up-down counter', 'histogram', 'exponential histogram', 'delta histogram'] as const
type Kind = (typeof kinds)[number]

/** A point of a series; starts and times are seconds, and points of several replicas and starts come in any order. */
interface Told {
  readonly replica: number
  readonly start: number | undefined
  readonly second: number
  readonly level: number
}

const told = fc.record({
  replica: fc.integer({ min: 0, max: 1 }),
  start: fc.constantFrom(undefined, -100, 0, 40, 80),
  second: fc.integer({ min: 81, max: 400 }),
  level: fc.integer({ min: 0, max: 20 }),
})
const restarted = told.map((point) => ({ ...point, start: 200, second: point.second + 320 }))
const series = fc.record({
  kind: fc.constantFrom<Kind>(...kinds),
  points: fc.uniqueArray(fc.oneof(told, restarted), { selector: ({ second }) => second, minLength: 1, maxLength: 12 }),
})

const sumOf = (level: number) => level * 2.5

function pointOf(name: string, kind: Kind, { replica, start, second, level }: Told): NewMetricPoint {
  const shared = {
    pointId: `${name}-${second}`,
    metricName: name,
    time: at(second),
    ...(start !== undefined && { startTime: at(start) }),
    temporality: kind === 'delta histogram' ? 'delta' : 'cumulative',
    resource: { attributes: { replica } },
  } as const
  if (kind === 'counter' || kind === 'up-down counter') {
    return { ...shared, type: 'counter', value: level, isMonotonic: kind === 'counter' }
  }
  const counted = { ...shared, type: 'histogram', count: level, sum: sumOf(level) } as const
  return kind === 'exponential histogram'
    ? { ...counted, buckets: { scale: 1, zeroCount: 0, positive: { offset: 2, counts: [level] } } }
    : { ...counted, buckets: { bounds: [10], counts: [level, 0] } }
}

/** Count, sum and growth of all points, told one by one. */
function straightforward(kind: Kind, points: readonly Told[]) {
  const lastOfStart = new Map<string, Told>()
  const lastOfReplica = new Map<number, Told>()
  const total = { count: 0, sum: 0, growth: 0 }
  for (const point of points.toSorted((a, b) => a.second - b.second)) {
    const { replica, start, second, level } = point
    const key = `${replica} ${start}`
    const before = lastOfStart.get(key)
    const last = lastOfReplica.get(replica)
    const isRestart = start !== undefined && last !== undefined && start >= last.second
    lastOfStart.set(key, point)
    lastOfReplica.set(replica, { ...point, second })
    if (kind === 'counter' || kind === 'up-down counter') {
      const isMonotonic = kind === 'counter'
      total.count += 1
      total.sum += level
      if (before) total.growth += isMonotonic && level < before.level ? level : level - before.level
      else if (isRestart) total.growth += isMonotonic ? level : level - last.level
      continue
    }
    const isWhole = kind === 'delta histogram' || before === undefined || level < before.level
    const counted = isWhole ? level : level - before.level
    total.count += counted
    total.sum += sumOf(counted)
    total.growth += sumOf(counted)
  }
  return total
}

describeBackends('series of points', (backend) => {
  let store: Store
  const given = fc.sample(series, { numRuns: runsOn(backend, 80, 400), seed: 20_261_122 })

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    await store.writers.metricPoints.bulk(
      given.flatMap(({ kind, points }, i) => points.map((point) => pointOf(`series-${i}`, kind, point))),
    )
  }, 120_000)
  afterAll(() => store.close())

  it('equal a plain computation, whatever the replicas, starts and falls', { timeout: 120_000 }, async () => {
    for (const [i, { kind, points }] of given.entries()) {
      const found = await store.metrics.series(`series-${i}`, { bucket: 'minute' })
      const expected = straightforward(kind, points)
      const total = found.reduce(
        (sum, each) => ({
          count: sum.count + each.count,
          sum: sum.sum + (each.sum ?? 0),
          growth: sum.growth + each.rate * 60,
        }),
        { count: 0, sum: 0, growth: 0 },
      )
      expect({ i, kind, points, ...total }).toEqual({
        i,
        kind,
        points,
        count: expected.count,
        sum: expect.closeTo(expected.sum, 6),
        growth: expect.closeTo(expected.growth, 6),
      })
    }
  })
})

describeBackends('points of several starts', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  const counter = { type: 'counter', temporality: 'cumulative', isMonotonic: true } as const
  const growth = async (name: string) =>
    (await store.metrics.series(name, { bucket: 'hour' })).map(({ rate }) => Math.round(rate * 3600))

  it('of three processes grow each by itself', async () => {
    const levels = [1000, 50, 3]
    await store.writers.metricPoints.write(
      levels.flatMap((level, i) =>
        Array.from({ length: 6 }, (_, k) => ({
          ...counter,
          metricName: 'processes',
          startTime: at(-1000 * (i + 1)),
          time: at(k * 10 + i),
          value: level + k,
        })),
      ),
    )
    expect(await growth('processes')).toEqual([15])
  })

  it('count from zero after a restart, even where the value did not fall', async () => {
    const point = (start: number, second: number, value: number) =>
      ({ ...counter, metricName: 'restarted', startTime: at(start), time: at(second), value }) as const
    await store.writers.metricPoints.write([point(0, 10, 3), point(0, 20, 5), point(25, 30, 7)])
    expect(await growth('restarted')).toEqual([9])
  })

  it('of a cumulative histogram count what was measured once, as percentiles do', async () => {
    const histogram = { metricName: 'told', type: 'histogram', temporality: 'cumulative', startTime: at(0) } as const
    await store.writers.metricPoints.write(
      [10, 20, 30].map((count, i) => ({
        ...histogram,
        time: at(60 * (i + 1)),
        count,
        sum: count * 10,
        buckets: { bounds: [50], counts: [count, 0] },
      })),
    )
    const [hour] = await store.metrics.series('told', { bucket: 'hour' })
    expect(hour).toMatchObject({ count: 30, sum: 300, avg: 10, last: 10, rate: 300 / 3600 })
    expect(await store.metrics.percentiles('told')).toMatchObject({ count: 30, sum: 300 })
    const minutes = await store.metrics.series('told', { bucket: 'minute' })
    expect(minutes.map(({ count, sum }) => [count, sum])).toEqual([
      [10, 100],
      [10, 100],
      [10, 100],
    ])
    // What was measured before the period is none of it.
    const later = await store.metrics.series('told', { bucket: 'minute', since: at(90) })
    expect(later.map(({ count }) => count)).toEqual([0, 10])
  })
})
