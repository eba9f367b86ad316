import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../schema/values.ts'
import { importDocuments } from '../../src/import/import-documents.ts'
import { BatchError, openStore, type Store, ValidationError, writeOtlpMetrics } from '../../src/index.ts'
import type { PointDimension } from '../../src/repositories/metric-aggregate.ts'
import type { NewMetricPoint } from '../../src/rows/records.ts'
import { describeBackends } from '../backends.ts'
import { collect } from '../collect.ts'

const at = (minute: number, second = 0) =>
  `2026-11-20T10:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}.000000Z`

describeBackends('metrics', (backend) => {
  let store: Store

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  const points = (name: string, values: readonly number[], rest: Partial<NewMetricPoint> = {}) =>
    store.writers.metricPoints.write(
      values.map((value, i) => ({ metricName: name, value, time: at(Math.floor(i / 2), (i % 2) * 30), ...rest })),
    )

  it('come back as they were described', async () => {
    const metric = {
      name: 'answers',
      type: 'counter',
      category: 'count',
      unit: '{answer}',
      description: 'Answers given',
      lowerIsBetter: false,
      isMonotonic: true,
      temporality: 'cumulative',
      serviceName: 'airline',
      metadata: { team: 'x' },
    } as const
    await store.writers.metrics.write(metric)
    expect(await store.metrics.get('answers')).toMatchObject(metric)
    expect(await store.metrics.get('nothing')).toBeUndefined()
    expect(await store.metrics.get('latency_ms')).toMatchObject({
      category: 'latency',
      unit: 'ms',
      lowerIsBetter: true,
    })
  })

  it('are listed by name with the built-in ones, in pages', async () => {
    const other = store.forProject('listed')
    await other.writers.metrics.write([
      { name: 'http.requests', type: 'counter' },
      { name: 'http.duration', type: 'histogram', unit: 'ms', serviceName: 'web' },
      { name: 'pass_rate', description: 'ours' },
      { name: 'zeta', category: 'cost' },
    ])
    const all: string[] = []
    for (let after: string | undefined; ; ) {
      const page = await other.metrics.list({ limit: 2, after })
      all.push(...page.items.map(({ name }) => name))
      if (!page.cursor) break
      after = page.cursor
    }
    const builtIn = ['eval_score', 'latency_ms', 'pass_rate', 'response_length', 'token_cost_usd', 'tool_call_count']
    expect(all).toEqual([...builtIn, 'http.requests', 'http.duration', 'zeta'].sort())
    const names = async (filter: Parameters<typeof store.metrics.list>[0]) =>
      (await other.metrics.list(filter)).items.map(({ name }) => name)
    expect(await names({ pattern: 'HTTP.*' })).toEqual(['http.duration', 'http.requests'])
    expect(await names({ pattern: '*_???' })).toEqual(['token_cost_usd'])
    expect(await names({ pattern: '*%*' })).toEqual([])
    expect(await names({ pattern: `${'*'.repeat(1000)}zz` })).toEqual([])
    expect(await names({ type: ['counter', 'histogram'] })).toEqual(['http.duration', 'http.requests'])
    expect(await names({ category: 'cost' })).toEqual(['token_cost_usd', 'zeta'])
    expect(await names({ name: { contains: 'rate' } })).toEqual(['pass_rate'])
    expect((await other.metrics.get('pass_rate'))?.description).toBe('ours')
    await other.writers.metricPoints.write({ metricName: 'zeta', value: 1, serviceName: 'web' })
    expect(await names({ serviceName: 'web' })).toEqual(['http.duration', 'zeta'])
    expect(await names({ lowerIsBetter: true })).toEqual(['latency_ms', 'token_cost_usd', 'tool_call_count'])
  })

  it('of one name with several units stay apart, in and out', async () => {
    const own = store.forProject('units')
    const of = (service: string, unit: string) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeMetrics: ['x', 'y'].map((scope) => ({
        scope: { name: scope },
        metrics: [
          {
            name: 'queue.size',
            description: `of ${service === 'worker' ? scope : 'both'}`,
            unit,
            gauge: { dataPoints: [{ timeUnixNano: '1780000000000000000', asInt: '5' }] },
          },
        ],
      })),
    })
    const document = { resourceMetrics: [of('broker', 'By'), of('worker', '{job}')] }
    const text = async function* () {
      yield JSON.stringify(document)
    }
    expect(await importDocuments(own, text())).toMatchObject({ points: 4, rejected: 0 })
    await importDocuments(own, text())
    const described = (await own.metrics.list({ name: 'queue.size' })).items
    expect(described.map(({ unit, description }) => `${unit} ${description}`).sort()).toEqual([
      'By of both',
      '{job} of x',
      '{job} of y',
    ])
    const points = await collect(own.metrics.stream({}))
    expect(points).toHaveLength(4)
    const written = writeOtlpMetrics(points, described)
    const said = written.resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
      scopeMetrics.flatMap(({ scope, metrics }) =>
        metrics.map(({ unit, description }) => [resource?.attributes?.[0]?.value, scope?.name, unit, description]),
      ),
    )
    const [broker, worker] = [{ stringValue: 'broker' }, { stringValue: 'worker' }]
    expect(said).toHaveLength(4)
    expect(said).toEqual(
      expect.arrayContaining([
        [broker, 'x', 'By', 'of both'],
        [broker, 'y', 'By', 'of both'],
        [worker, 'x', '{job}', 'of x'],
        [worker, 'y', '{job}', 'of y'],
      ]),
    )
    // In pages of one, by their service, and one by one.
    const paged = await collect(own.metrics.streamDescriptions({ name: 'queue.size', batch: 1 }))
    expect(paged).toEqual(described)
    expect(await own.metrics.countDescriptions({ name: 'queue.size', serviceName: 'broker' })).toBe(1)
    expect(await own.metrics.countDescriptions({ name: 'queue.size', serviceName: 'worker' })).toBe(2)
    const { descriptionId } = described.find(({ unit }) => unit === 'By') ?? {}
    expect(await own.metrics.get('queue.size', descriptionId)).toMatchObject({ unit: 'By' })
    expect(await own.metrics.count({ metricName: 'queue.size', descriptionId })).toBe(2)
    // What is written by hand is one for its name, and said anew.
    await own.writers.metrics.write({ name: 'mine', unit: 's' })
    await own.writers.metrics.write({ name: 'mine', unit: 'ms' })
    expect((await own.metrics.list({ name: 'mine' })).items).toMatchObject([{ unit: 'ms', descriptionId: '' }])
  })

  it('are grouped by attributes', async () => {
    const route = (value: string | number, rest: object = {}) => ({ attributes: { 'http.route': value, ...rest } })
    await points('routes', [1, 2], { type: 'counter', temporality: 'delta', ...route('/a') })
    await points('routes', [4], { type: 'counter', temporality: 'delta', ...route('/b', { '$.odd "key"': 'x' }) })
    await points('routes', [8], { type: 'counter', temporality: 'delta', ...route(7) })
    const by = 'attributes.http.route'
    expect(await store.metrics.series('routes', { bucket: 'hour', by: [by] })).toMatchObject([
      { [by]: '/a', sum: 3 },
      { [by]: '/b', sum: 4 },
      { [by]: '7', sum: 8 },
    ])
    const odd = 'attributes.$.odd "key"'
    expect(await store.metrics.aggregates({ metricName: 'routes', by: [odd] })).toMatchObject([
      { [odd]: 'x', sum: 4 },
      { [odd]: null, sum: 11 },
    ])
    await points('flagged', [16], route('/a', { cached: true }))
    const cached = await store.metrics.aggregates({ metricName: 'flagged', by: ['attributes.cached'] })
    expect(cached).toMatchObject([{ 'attributes.cached': 'true', sum: 16 }])
    await expect(store.metrics.aggregates({ by: ['attributes.'] })).rejects.toThrow(/by must be among these names/)
  })

  it('have points that come back as they were written', async () => {
    const point: NewMetricPoint = {
      pointId: 'p1',
      metricName: 'whole',
      type: 'histogram',
      time: at(1),
      startTime: at(0),
      temporality: 'delta',
      count: 3,
      sum: -2.5,
      min: -3,
      max: 0.5,
      buckets: { bounds: [-1, 0], counts: [1, 0, 2] },
      exemplars: [{ time: at(0, 5), value: -3, traceId: 't1', spanId: 's1', attributes: { k: 'v' } }],
      flags: 0,
      serviceName: 'airline',
      environment: 'test',
      tags: ['a'],
      metadata: { m: 1 },
      attributes: { model: 'gpt-4o' },
      resource: { attributes: { 'service.name': 'airline' } },
      scope: { name: 'lib' },
    }
    await store.writers.metricPoints.write(point)
    expect(await store.metrics.latest('whole')).toMatchObject(point)
    const { items } = await store.metrics.points('whole', { attributes: { path: 'model', eq: 'gpt-4o' } })
    expect(items).toMatchObject([{ pointId: 'p1', count: 3, buckets: point.buckets }])
    expect(await store.metrics.latest('whole', { serviceName: 'other' })).toBeUndefined()
    expect((await store.metrics.points('whole', { tags: 'b' })).items).toEqual([])
  })

  it('written twice without an id are two points, in a batch that is one transaction', async () => {
    const writer = store.writers.metricPoints
    expect(await writer.write([])).toEqual({ stored: 0, deduplicated: 0 })
    const { batches } = writer.stats()
    await points('twice', [1, 1, 1])
    expect(writer.stats().batches).toBe(batches + 1)
    await points('twice', [1])
    expect(await store.metrics.count({ metricName: 'twice' })).toBe(4)
    const aggregate = await store.metrics.aggregate('twice')
    expect(aggregate).toMatchObject({ count: 4, sum: 4, stdDev: 0 })
  })

  it('are aggregated as textbooks do', async () => {
    await points('numbers', [4, 1, 3, 2, -5])
    expect(await store.metrics.aggregate('numbers')).toEqual({
      count: 5,
      sum: 5,
      mean: 1,
      median: 2,
      min: -5,
      max: 4,
      p95: expect.closeTo(3.8, 9),
      p99: expect.closeTo(3.96, 9),
      stdDev: expect.closeTo(Math.sqrt(50 / 4), 9),
    })
    await points('single', [7])
    expect(await store.metrics.aggregate('single')).toMatchObject({ count: 1, median: 7, p99: 7, stdDev: 0 })
    expect(await store.metrics.aggregate('none')).toMatchObject({ count: 0, sum: null, mean: null, stdDev: null })
    await points('tiny', [1e-200, 2e-200, 3e-200])
    expect(await store.metrics.aggregate('tiny')).toMatchObject({ count: 3, stdDev: 0 })
    // What is too large to be summed is no number, and spoils nothing beside it.
    const most = Number.MAX_VALUE
    await points('large', [most, 1, 2])
    await points('infinite', [most, most])
    await points('far', [1e200, -1e200])
    const names = ['far', 'infinite', 'large', 'single']
    expect(await store.metrics.aggregates({ metricName: names, by: ['metric'] })).toMatchObject([
      { count: 2, sum: 0, mean: 0, median: 0, min: -1e200, max: 1e200, stdDev: null },
      { count: 2, sum: null, mean: null, median: most, min: most, max: most, stdDev: null },
      { count: 3, sum: null, mean: null, median: 2, min: 1, max: most, stdDev: null },
      { count: 1, sum: 7, mean: 7, stdDev: 0 },
    ])
    const none = { sum: null, avg: null, rate: 0 }
    expect(await store.metrics.series('infinite', { bucket: 'hour' })).toMatchObject([
      { ...none, max: most, last: most },
    ])
    await points('counted', [most, 3, most, 3, 5], { type: 'counter', temporality: 'cumulative', isMonotonic: false })
    expect(await store.metrics.series('counted', { bucket: 'hour' })).toMatchObject([{ sum: null, rate: 2 / 3600 }])
    const by = await store.metrics.aggregates({ metricName: ['numbers', 'single'], by: ['metric'], bucket: 'hour' })
    expect(by).toMatchObject([
      { metric: 'numbers', bucket: at(0), count: 5 },
      { metric: 'single', count: 1 },
    ])
  })

  it('make series by bucket', async () => {
    await points('gauge', [1, 3, 5, 7], { serviceName: 'a' })
    expect(await store.metrics.series('gauge', { bucket: 'minute', since: at(0), until: at(3), fill: true })).toEqual([
      { bucket: at(0), count: 2, sum: 4, avg: 2, min: 1, max: 3, last: 3, rate: 4 / 60 },
      { bucket: at(1), count: 2, sum: 12, avg: 6, min: 5, max: 7, last: 7, rate: 12 / 60 },
      { bucket: at(2), count: 0, sum: null, avg: null, min: null, max: null, last: null, rate: 0 },
    ])
    // Grows by 60 and 60, then starts anew and has 30.
    await points('grown', [100, 160, 220, 30], { type: 'counter', temporality: 'cumulative', isMonotonic: true })
    const grown = await store.metrics.series('grown', { bucket: 'minute' })
    expect(grown.map(({ rate }) => rate)).toEqual([1, 1.5])
    await points('flow', [30, 30], { type: 'counter', temporality: 'delta' })
    expect(await store.metrics.series('flow', { bucket: 'minute', by: ['service'] })).toMatchObject([
      { service: null, rate: 1, count: 2 },
    ])
  })

  it('grow by what each source of them counted', async () => {
    const counted = (name: string, values: readonly number[], rest: Partial<NewMetricPoint>, second = 0) =>
      store.writers.metricPoints.write(
        values.map((value, i) => ({ metricName: name, type: 'counter', value, time: at(i, second), ...rest })),
      )
    const growth = async (name: string, by: PointDimension[] = []) =>
      (await store.metrics.series(name, { bucket: 'hour', by })).map(({ rate }) => Math.round(rate * 3600))
    const counter = { temporality: 'cumulative', isMonotonic: true, serviceName: 'web' } as const
    const replica = (id: string) => ({ resource: { attributes: { 'service.instance.id': id } } })
    await counted('replicas', [1000, 1001, 1005], { ...counter, ...replica('a') })
    await counted('replicas', [10, 12, 15], { ...counter, ...replica('b') }, 30)
    expect(await growth('replicas')).toEqual([10])
    await counted('scopes', [100, 101, 102], { ...counter, scope: { name: 'x', version: '1' } })
    await counted('scopes', [1, 2, 3], { ...counter, scope: { name: 'x', version: '2' } }, 30)
    expect(await growth('scopes')).toEqual([4])
    await counted('environments', [100, 101, 102], { ...counter, environment: 'prod' })
    await counted('environments', [1, 2, 4], { ...counter, environment: 'dev' }, 30)
    expect(await growth('environments', ['environment'])).toEqual([3, 2])
    // The same documents with their keys in another order, at the top and below.
    const [c, d] = [
      { a: '1', b: 2 },
      { b: 2, a: '1' },
    ]
    await counted('keys', [10], { ...counter, attributes: c, resource: { attributes: c, schemaUrl: 'u' } })
    await counted('keys', [15], { ...counter, attributes: d, resource: { schemaUrl: 'u', attributes: d } }, 30)
    expect(await growth('keys')).toEqual([5])
    // A number is not the text of it.
    await counted('types', [10], { ...counter, attributes: { a: 1 } })
    await counted('types', [15], { ...counter, attributes: { a: '1' } }, 30)
    expect(await growth('types')).toEqual([0])
    await counted('in flight', [5, 3, 5, 3, 4], { ...counter, isMonotonic: false })
    expect(await growth('in flight')).toEqual([-1])
  })

  it('of histograms count what they counted', async () => {
    const histogram = (minute: number, counts: number[], rest: Partial<NewMetricPoint> = {}): NewMetricPoint => ({
      metricName: 'duration',
      type: 'histogram',
      temporality: 'delta',
      time: at(minute),
      count: counts.reduce((sum, count) => sum + count, 0),
      sum: 100,
      min: 0,
      max: 40,
      buckets: { bounds: [10, 20], counts },
      ...rest,
    })
    await store.writers.metricPoints.write([histogram(0, [10, 0, 0]), histogram(1, [0, 5, 5])])
    expect(await store.metrics.series('duration', { bucket: 'hour' })).toMatchObject([
      { count: 20, sum: 200, avg: 10, min: 0, max: 40, last: 10 },
    ])
    expect(await store.metrics.percentiles('duration', { fractions: [0.25, 0.5, 0.75, 0.95, 1] })).toMatchObject({
      count: 20,
      mean: 10,
      percentiles: { 0.25: 5, 0.5: 10, 0.75: 20, 0.95: expect.closeTo(36, 9), 1: 40 },
    })
    const cumulative = { metricName: 'total', temporality: 'cumulative', startTime: at(0) } as const
    await store.writers.metricPoints.write([histogram(1, [1, 0, 0], cumulative), histogram(2, [1, 1, 2], cumulative)])
    expect((await store.metrics.percentiles('total')).count).toBe(4)
    // Two sources of one start; the second says the same once more, with its keys in another order.
    const of = (attributes: JsonObject) => ({ ...cumulative, metricName: 'sources', resource: { attributes } })
    await store.writers.metricPoints.write([
      histogram(1, [10, 0, 0], of({ id: 'a', zone: 'x' })),
      histogram(2, [0, 5, 0], of({ id: 'b', zone: 'x' })),
      histogram(3, [0, 10, 0], of({ zone: 'x', id: 'b' })),
      histogram(3, [0, 0, 1], { ...of({ id: 'a', zone: 'x' }), environment: 'dev' }),
      histogram(3, [0, 0, 2], { ...of({ id: 'a', zone: 'x' }), scope: { name: 'lib' } }),
    ])
    expect((await store.metrics.percentiles('sources')).count).toBe(23)
    await store.writers.metricPoints.write({
      metricName: 'exponential',
      type: 'histogram',
      count: 5,
      sum: 20,
      buckets: { scale: 0, zeroCount: 1, positive: { offset: 1, counts: [2, 2] } },
    })
    // One zero, two in (2, 4], two in (4, 8].
    const { percentiles } = await store.metrics.percentiles('exponential', { fractions: [0.1, 0.6, 1] })
    expect(percentiles).toEqual({ 0.1: 0, 0.6: 4, 1: 8 })
    expect(await store.metrics.percentiles('none')).toMatchObject({ count: 0, mean: null })
  })

  it('are compared with the period before', async () => {
    await points('latency_ms', [100, 100, 100, 50, 50, 50].map(Number))
    const comparison = await store.metrics.compare('latency_ms', { since: at(2), until: at(4) })
    expect(comparison.previous).toMatchObject({ count: 4, mean: 87.5 })
    expect(comparison.current).toMatchObject({ count: 2, mean: 50 })
    expect(comparison).toMatchObject({ change: -37.5, isBetter: true })
    expect(comparison.relativeChange).toBeCloseTo(-37.5 / 87.5, 9)
    const nothing = await store.metrics.compare('none', { since: at(2), until: at(4) })
    expect(nothing).toMatchObject({ change: null, relativeChange: null, isBetter: null })
  })

  it('with points that are wrong cost these only', async () => {
    const bad: [object, RegExp][] = [
      [{ value: Number.NaN }, /value must be a finite number/],
      [{ value: Number.POSITIVE_INFINITY }, /value/],
      [{ value: -Number.POSITIVE_INFINITY }, /value/],
      [{}, /value is required of a gauge/],
      [{ type: 'thermometer', value: 1 }, /type must be one of counter, gauge, histogram, summary/],
      [{ type: 'histogram', count: 3, buckets: { bounds: [1, 2], counts: [1, 2] } }, /3 counts for 2 bounds/],
      [{ type: 'histogram', count: 9, buckets: { bounds: [1], counts: [1, 2] } }, /sum is the count/],
      [{ type: 'histogram', count: 3, buckets: { bounds: [2, 1], counts: [1, 1, 1] } }, /rising bounds/],
      [{ type: 'histogram', count: 1, buckets: { bounds: [1], counts: [-1, 2] } }, /integers, 0 or more/],
      [{ type: 'histogram', count: 1, buckets: { bounds: [Number.NaN], counts: [1, 0] } }, /finite/],
      [{ type: 'histogram', count: 2, buckets: { scale: 0, zeroCount: 1 } }, /sum is the count/],
      [{ type: 'histogram', buckets: { bounds: [], counts: [2] } }, /count is required/],
      [{ type: 'histogram', count: 1, sum: Number.NaN }, /sum must be a finite number/],
      [{ type: 'histogram', count: -1 }, /count/],
      [{ type: 'summary', count: 1, quantiles: [{ quantile: 2, value: 1 }] }, /quantiles/],
      [{ value: 1, temporality: 'monthly' }, /temporality/],
      [{ type: 'histogram', count: 1, buckets: 'x' }, /buckets must be an object/],
      [{ type: 'histogram', count: 1, buckets: { scale: 0, zeroCount: 1, negative: null } }, /positive and negative/],
      [{ type: 'histogram', count: 1, buckets: { scale: 0, zeroCount: null } }, /zeroCount/],
      [{ type: 'histogram', count: 1, buckets: { bounds: null, counts: [1] } }, /finite/],
      [{ type: 'summary', quantiles: [null] }, /quantiles/],
      [{ type: 'summary', quantiles: 'x' }, /quantiles/],
    ]
    const rows = bad.flatMap(([row], i) => [
      { metricName: 'bad input', ...row } as NewMetricPoint,
      { metricName: 'bad input', pointId: `kept-${i}`, value: i },
    ])
    const error = await store.writers.metricPoints.write(rows).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BatchError)
    expect((error as BatchError).rejected.map(({ index }) => index)).toEqual(bad.map((_, i) => i * 2))
    bad.forEach(([, message], i) => {
      expect((error as BatchError).rejected[i]?.message).toMatch(message)
    })
    expect(await store.metrics.count({ metricName: 'bad input' })).toBe(bad.length)
    const bulk = await store.forProject('bulk').writers.metricPoints.bulk(rows)
    expect(bulk).toMatchObject({ stored: bad.length, rejections: (error as BatchError).rejected })
    await expect(store.writers.metricPoints.write({ value: 1 } as NewMetricPoint)).rejects.toThrow(
      /metricName is required/,
    )
  })

  describe('refuse questions that are none', () => {
    it.each([
      [() => store.metrics.list({ type: 'thermometer' as 'gauge' }), /type must be one of/],
      [() => store.metrics.list({ after: 'nonsense' }), /after is not a cursor/],
      [() => store.metrics.points('x', { value: 'high' as unknown as number }), /value/],
      [() => store.metrics.percentiles('x', { fractions: [95] }), /fractions must be from 0 to 1/],
      [() => store.metrics.series('x', { bucket: 'century' as 'day' }), /bucket must be one of/],
    ])('%s', async (ask, message) => {
      await expect(ask()).rejects.toThrow(ValidationError)
      await expect(ask()).rejects.toThrow(message)
    })
  })
})
