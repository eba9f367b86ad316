import { afterAll, beforeAll, expect, it } from 'vitest'
import { bucketUnits } from '../../src/engines/dialect.ts'
import { ValidationError } from '../../src/errors.ts'
import { usageMeasures } from '../../src/repositories/analytics/analytics.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { describeBackends } from '../backends.ts'
import { bucketOf } from './evaluate-analytics.ts'

const times = [
  '1970-01-01T00:00:00.000001Z',
  '2026-10-31T23:59:59.999999Z',
  '2026-11-01T00:00:00.000000Z',
  '2026-11-02T05:06:07.123456Z',
  '2026-11-08T23:59:59.000000Z',
  '2026-11-09T00:00:00.000000Z',
  '2028-02-29T12:34:56.789012Z',
]

describeBackends('analytics', (backend) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
    await store.writers.spans.write(
      times.map((startTime, i) => ({
        traceId: `t${i % 3}`,
        spanId: `s${i}`,
        name: 'chat',
        kind: 'llm',
        model: i % 2 === 0 ? 'even' : 'odd',
        status: i === 3 ? 'error' : 'ok',
        startTime,
        durationMs: i + 0.001,
        inputTokens: i,
        costUsd: 0.1,
      })),
    )
  })
  afterAll(() => store.close())

  it.each(bucketUnits)('buckets by %s in UTC', async (bucket) => {
    const groups = await store.analytics.usage({ bucket })
    expect(groups.map((group) => group.bucket)).toEqual(
      [...new Set(times.map((time) => bucketOf(time, bucket)))].sort(),
    )
    expect(groups.reduce((sum, group) => sum + group.spans, 0)).toBe(times.length)
  })

  it('reads some measures as it reads them among all', async () => {
    const options = { by: ['model', 'agent'], bucket: 'month', fill: true, compare: true } as const
    const period = { since: '2026-11-01T00:00:00Z', until: '2026-12-01T00:00:00Z' }
    const all = await store.analytics.usage({ ...options, ...period })
    expect(all.length).toBeGreaterThan(1)
    for (const name of usageMeasures) {
      const one = await store.analytics.usage({ ...options, ...period, measures: [name] })
      expect(one).toEqual(
        all.map(({ model, agent, bucket, previous, ...measures }) => ({
          ...{ model, agent, bucket, [name]: measures[name], previous: { [name]: previous[name] } },
        })),
      )
    }
    expect(await store.analytics.usage({ measures: ['spans', 'traces'], name: 'no' })).toEqual([
      { spans: 0, traces: 0 },
    ])
    for (const measures of [[], ['nothing'], 'spans']) {
      await expect(store.analytics.usage({ measures: measures as never })).rejects.toThrow(ValidationError)
    }
  })

  it('sums cost and durations exactly', async () => {
    const [all] = await store.analytics.usage()
    expect(all).toMatchObject({
      spans: 7,
      traces: 3,
      errors: 1,
      errorRate: 1 / 7,
      inputTokens: 21,
      costUsd: 0.7,
      durationMs: 21.007,
    })
  })

  it('sums more than a 64-bit integer holds', async () => {
    const rows = 1_100
    const all = Array.from({ length: rows }, (_, i) => i)
    const forever = { startTime: '1970-01-01T00:00:00Z', endTime: '2255-06-05T23:47:34.740991Z', sessionId: 's' }
    const [durationMs, costUsd] = [Number.MAX_SAFE_INTEGER / 1000, 9_000_000]
    const other = await openStore(await backend.migrated(), { migrate: true })
    await other.writers.spans.write(
      all.map((i) => ({ ...forever, traceId: 'long', spanId: `s${i}`, name: 'chat', costUsd })),
    )
    const equal = (actual: number | null | undefined, expected: number) =>
      expect((actual ?? Number.NaN) / expected).toBeCloseTo(1, 12)
    const trace = await other.traces.get('long')
    expect(trace).toMatchObject({ spanCount: rows, durationMs })
    equal(trace?.costUsd, rows * costUsd)
    equal(trace?.stepsDurationMs, (rows - 1) * durationMs)
    const [usage] = await other.analytics.usage()
    equal(usage?.durationMs, rows * durationMs)
    equal(usage?.costUsd, rows * costUsd)
    equal((await other.analytics.latency())[0]?.avg, durationMs)

    await other.writers.traces.write(all.map((i) => ({ ...forever, traceId: `t${i}` })))
    const [runs] = await other.analytics.runs()
    equal(runs?.durationMs, (rows + 1) * durationMs)
    equal((await other.analytics.statistics()).latency.avg, durationMs)
    equal((await other.sessions.get('s'))?.durationMs, (rows + 1) * durationMs)
    await other.close()
  })

  it('zeros for an empty range, no groups of names', async () => {
    const nothing = { since: '2030-01-01T00:00:00Z' }
    const [usage] = await store.analytics.usage(nothing)
    expect(new Set(Object.values(usage ?? {}))).toEqual(new Set([0]))
    const [latency] = await store.analytics.latency(nothing)
    expect(new Set(Object.values(latency ?? {}))).toEqual(new Set([0]))
    const [runs] = await store.analytics.runs(nothing)
    expect(new Set(Object.values(runs ?? {}))).toEqual(new Set([0]))
    expect(await store.analytics.usage({ ...nothing, by: ['model'] })).toEqual([])
    expect(await store.analytics.statistics(nothing)).toMatchObject({ runs: 0, firstStart: null, sessions: 0 })
  })

  it('fills buckets without data', async () => {
    const range = { since: '2026-10-30T10:00:00Z', until: '2026-11-03T00:00:00Z', bucket: 'day' } as const
    const days = ['2026-10-30', '2026-10-31', '2026-11-01', '2026-11-02'].map((day) => `${day}T00:00:00.000000Z`)
    const filled = await store.analytics.usage({ ...range, fill: true })
    expect(filled.map((group) => [group.bucket, group.spans])).toEqual(days.map((day, i) => [day, i === 0 ? 0 : 1]))
    const named = await store.analytics.latency({ ...range, by: ['model'], fill: true })
    expect(named.map((group) => [group.model, group.bucket])).toEqual(
      ['even', 'odd'].flatMap((model) => days.map((day) => [model, day])),
    )
    const months = await store.analytics.usage({ since: '2026-01-01T00:00:00Z', bucket: 'month', fill: true })
    expect(months).toHaveLength(26)
    const empty = await store.analytics.usage({
      since: '2031-01-01T00:00:00Z',
      until: '2031-01-03T00:00:00Z',
      bucket: 'day',
      fill: true,
    })
    expect(empty.map((group) => group.spans)).toEqual([0, 0])
    expect(await store.analytics.usage({ since: '2031-01-01T00:00:00Z', bucket: 'day', fill: true })).toEqual([])
  })

  it('fills from the week in which 1970 begins, which began in 1969', async () => {
    const other = await openStore(await backend.migrated(), { migrate: true })
    await other.writers.metricPoints.write(
      ['1970-01-01', '1970-01-14'].map((day) => ({ metricName: 'm', value: 7, time: `${day}T00:00:00Z` })),
    )
    const weeks = await other.metrics.series('m', { bucket: 'week', fill: true })
    const rate = 7 / (7 * 86_400)
    expect(weeks.map((week) => [week.bucket.slice(0, 10), week.rate])).toEqual([
      ['1969-12-29', rate],
      ['1970-01-05', 0],
      ['1970-01-12', rate],
    ])
    await other.close()
  })

  it('makes no more groups than it says: names times buckets', async () => {
    const year = { since: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z', bucket: 'hour', fill: true } as const
    expect(await store.analytics.usage({ ...year, by: ['model'] })).toHaveLength(2 * 365 * 24)
    const users = store.forProject('users')
    const startTime = '2026-11-01T00:00:00Z'
    await users.writers.spans.write(
      Array.from({ length: 12 }, (_, i) => ({ traceId: `t${i}`, spanId: 's', name: 'n', userId: `u${i}`, startTime })),
    )
    const refused = users.analytics.usage({ ...year, by: ['user'] })
    await expect(refused).rejects.toBeInstanceOf(ValidationError)
    await expect(refused).rejects.toMatchObject({
      faults: [{ field: 'fill', message: expect.stringContaining('105120 groups') }],
    })
  })

  it('compares with the period before, bucket by bucket', async () => {
    const week = { since: '2026-11-02T00:00:00Z', until: '2026-11-09T00:00:00Z', compare: true } as const
    const [all] = await store.analytics.usage(week)
    expect(all).toMatchObject({ spans: 2, previous: { spans: 2 } })
    const models = await store.analytics.usage({ ...week, by: ['model'], bucket: 'day' })
    expect(models.map((group) => [group.model, group.bucket.slice(0, 10), group.spans, group.previous.spans])).toEqual([
      ['even', '2026-11-08', 1, 1],
      ['odd', '2026-11-02', 1, 0],
      ['odd', '2026-11-07', 0, 1],
    ])
  })

  it.each([
    ['an unknown name', { by: ['colour'] }, 'by'],
    ['a name that is no list', { by: 'model' }, 'by'],
    ['an unknown bucket', { bucket: 'decade' }, 'bucket'],
    ['a comparison without a start', { compare: true }, 'compare'],
    [
      'a period that ends before it starts',
      { compare: true, since: '2026-11-02T00:00:00Z', until: '2026-11-01T00:00:00Z' },
      'until',
    ],
    [
      'too many buckets',
      { fill: true, bucket: 'minute', since: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' },
      'fill',
    ],
    ['an unknown filter', { colour: 'red' }, 'colour'],
  ])('%s is a typed error', async (_, options, field) => {
    const usage = store.analytics.usage(options as object)
    await expect(usage).rejects.toBeInstanceOf(ValidationError)
    await expect(usage).rejects.toMatchObject({ faults: [{ field }] })
  })
})
