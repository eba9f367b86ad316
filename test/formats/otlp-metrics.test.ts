import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, test } from 'vitest'
import { readOtlpMetrics } from '../../src/formats/otlp/metrics-read.ts'
import { importDocuments } from '../../src/import/import-documents.ts'
import { openStore, type Store, writeOtlpMetrics } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { collect } from '../collect.ts'
import { runs, runsOn } from '../runs.ts'
import { canonicalOtlpMetrics } from './canonical-otlp-metrics.ts'
import { otlpMetricDocuments } from './otlp-metric-documents.ts'

describeBackends('OTLP metrics', (backend) => {
  let store: Store

  beforeAll(async () => {
    store = await openStore(backend.url(), { migrate: true })
  })
  afterAll(() => store.close())

  it('come back canonically equal from the database', { timeout: runs(120_000, 900_000) }, async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(otlpMetricDocuments, async (document) => {
        run += 1
        const project = store.forProject(`run-${run}`)
        const { metrics, metricPoints, rejected } = readOtlpMetrics(document)
        expect(rejected).toEqual([])
        await project.writers.metrics.write(metrics)
        await project.writers.metricPoints.write(metricPoints)
        const { items } = await project.metrics.list({ limit: 100 })
        const written = writeOtlpMetrics(await collect(project.metrics.stream()), items)
        expect(canonicalOtlpMetrics(written)).toEqual(canonicalOtlpMetrics(document))
      }),
      { numRuns: runsOn(backend, 60, 1000) },
    )
  })

  it('imported twice are stored once; buckets that do not fit are left out, and count and sum stay', async () => {
    const point = { timeUnixNano: '1544712660300000001', asDouble: 1 }
    const metrics = [
      { name: 'm', gauge: { dataPoints: [point, point] } },
      {
        name: 'h',
        histogram: { dataPoints: [{ count: '3', sum: 7, bucketCounts: ['1', '1'], explicitBounds: [1, 2] }] },
      },
    ]
    const document = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] })
    const source = () =>
      (async function* () {
        yield document
      })()
    const project = store.forProject('import')
    const repaired: string[] = []
    const report = await importDocuments(project, source(), { onRepaired: ({ message }) => repaired.push(message) })
    expect(report).toMatchObject({ metrics: 2, points: 3, rejected: 0, repaired: 1 })
    expect(repaired).toEqual([expect.stringMatching(/bucketCounts are not one more than the bounds: it is left out$/)])
    await importDocuments(project, source())
    expect(await project.metrics.count()).toBe(3)
  })
})

test('what JSON has no number for is kept beside a null', () => {
  const dataPoints = [{ asDouble: 'NaN' }, { asDouble: 'Infinity' }, { asInt: '9007199254740993' }, { flags: 1 }]
  const { metricPoints } = readOtlpMetrics({
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints } }] }] }],
  })
  expect(metricPoints).toMatchObject([
    { value: null, attributeTypes: { '/value': 'nan' } },
    { value: null, attributeTypes: { '/value': 'infinity' } },
    { value: 9007199254740992, exactValue: '9007199254740993' },
    { value: null, flags: 1 },
  ])
})

test.each([
  [{ gauge: { dataPoints: [] } }, 'name', 'is missing'],
  [{ name: 'm' }, '', 'has none of gauge, sum, histogram, exponentialHistogram, summary'],
  [{ name: 'm', gauge: { dataPoints: [7] } }, 'gauge.dataPoints[0]', 'is not an object'],
])('a metric of another shape is left out and named: %j', (metric, path, reason) => {
  const good = { name: 'good', gauge: { dataPoints: [{ asInt: 1 }] } }
  const { metricPoints, rejected } = readOtlpMetrics({
    resourceMetrics: [{ scopeMetrics: [{ metrics: [metric, good] }] }],
  })
  expect(metricPoints).toHaveLength(1)
  const place = 'resourceMetrics[0].scopeMetrics[0].metrics[0]'
  expect(rejected).toEqual([{ path: path ? `${place}.${path}` : place, reason }])
})

test.each([
  [{ gauge: { dataPoints: [{ asInt: 'x' }] } }, 'gauge.dataPoints[0].value[0].value.intValue', 'is not an integer'],
  [{ gauge: { dataPoints: [{ asInt: 1, exemplars: [7] }] } }, 'gauge.dataPoints[0].exemplars[0]', 'is not an object'],
  [
    { histogram: { dataPoints: [{ explicitBounds: ['NaN'] }] } },
    'histogram.dataPoints[0].explicitBounds[0]',
    'is not a finite number',
  ],
  [
    { histogram: { dataPoints: [{ count: 3, bucketCounts: [1, 1], explicitBounds: [5] }] } },
    'histogram.dataPoints[0].bucketCounts',
    'do not add up to the count',
  ],
])('a detail of a point that does not fit is left out and named, and the point is kept: %j', (shape, path, reason) => {
  const { metricPoints, rejected, repaired } = readOtlpMetrics({
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', ...shape }] }] }],
  })
  expect(metricPoints).toHaveLength(1)
  expect(rejected).toEqual([])
  expect(repaired).toEqual([
    { path: `resourceMetrics[0].scopeMetrics[0].metrics[0].${path}`, reason: `${reason}: it is left out` },
  ])
})
