import fc from 'fast-check'
import * as otlp from './otlp-documents.ts'

const nanos = fc.bigInt({ min: 1000n, max: 9_007_199_254_740_991_999n }).map(String)

const value = fc.oneof(
  otlp.int64.map((asInt) => ({ asInt })),
  otlp.double.map((asDouble) => ({ asDouble })),
)

const exemplar = fc
  .record(
    { timeUnixNano: nanos, traceId: otlp.hexId(32), spanId: otlp.hexId(16), filteredAttributes: otlp.keyValues },
    otlp.optional,
  )
  .chain((each) => value.map((measured) => ({ ...each, ...measured })))

const common = {
  attributes: otlp.keyValues,
  startTimeUnixNano: fc.oneof(fc.constantFrom('0', 0), nanos),
  timeUnixNano: fc.oneof(fc.constantFrom('0', 0), nanos),
  exemplars: fc.array(exemplar, { maxLength: 2 }),
}

const number = fc.oneof(
  fc
    .record({ ...common, flags: fc.nat().map((each) => each * 2) }, otlp.optional)
    .chain((each) => value.map((measured) => ({ ...each, ...measured }))),
  fc.record({ ...common, flags: fc.constant(1) }, { requiredKeys: ['flags'] }),
)

const measured = { sum: otlp.double, min: otlp.double, max: otlp.double }
const counts = fc.array(fc.nat({ max: 1e6 }), { minLength: 1, maxLength: 5 })
const total = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0)

const histogram = fc
  .tuple(fc.record({ ...common, ...measured }, otlp.optional), fc.option(counts))
  .chain(([each, buckets]) =>
    fc
      .uniqueArray(
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((bound) => bound + 0),
        { minLength: 5, maxLength: 5 },
      )
      .map((bounds) => ({
        ...each,
        ...(buckets && {
          count: String(total(buckets)),
          bucketCounts: buckets.map((count, i) => (i % 2 === 0 ? String(count) : count)),
          explicitBounds: bounds.sort((a, b) => a - b).slice(0, buckets.length - 1),
        }),
      })),
  )

const exponential = fc
  .tuple(
    fc.record(
      {
        ...common,
        ...measured,
        scale: fc.integer({ min: -10, max: 20 }),
        zeroThreshold: fc.double({ min: 0, max: 1, noNaN: true }).map((each) => each + 0),
      },
      otlp.optional,
    ),
    counts,
    counts,
    fc.integer({ min: -100, max: 100 }),
  )
  .map(([each, positive, negative, offset]) => ({
    ...each,
    count: total(positive) + total(negative) + 3,
    zeroCount: '3',
    positive: { offset, bucketCounts: positive },
    // No -0, which protobuf's integers do not have.
    negative: { offset: 0 - offset, bucketCounts: negative.map(String) },
  }))

const summary = fc
  .tuple(
    fc.record({ ...common, sum: otlp.double, count: fc.nat() }, otlp.optional),
    fc.array(
      fc.record({ quantile: fc.double({ min: 0, max: 1, noNaN: true }).map((each) => each + 0), value: otlp.double }),
      { maxLength: 3 },
    ),
  )
  .map(([{ exemplars: _, ...each }, quantileValues]) => ({ ...each, quantileValues }))

const points = <T>(point: fc.Arbitrary<T>) => ({ dataPoints: fc.array(point, { maxLength: 3 }) })
const temporality = { aggregationTemporality: fc.constantFrom<unknown>(0, 1, 2, 'AGGREGATION_TEMPORALITY_DELTA') }

const shape = fc.oneof(
  fc.record({ gauge: fc.record(points(number)) }),
  fc.record({ sum: fc.record({ ...points(number), ...temporality, isMonotonic: fc.boolean() }) }),
  fc.record({ histogram: fc.record({ ...points(histogram), ...temporality }) }),
  fc.record({ exponentialHistogram: fc.record({ ...points(exponential), ...temporality }) }),
  fc.record({ summary: fc.record(points(summary)) }),
)

// What a metric means is kept once for its name.
const metric = fc.tuple(fc.nat({ max: 30 }), shape).map(([n, data]) => ({
  name: `metric.${n}`,
  ...(n % 2 === 0 && { unit: 'ms', description: `number ${n}` }),
  ...(n % 3 === 0 && { metadata: [{ key: 'team', value: { intValue: String(n) } }] }),
  ...data,
}))

/** Any `ExportMetricsServiceRequest`. */
export const otlpMetricDocuments = fc.record({
  resourceMetrics: fc.array(
    fc.record(
      {
        resource: fc.record(otlp.attributed, otlp.optional),
        scopeMetrics: fc.array(
          fc.record(
            {
              scope: fc.record({ name: otlp.text, version: otlp.text, ...otlp.attributed }, otlp.optional),
              metrics: fc.array(metric, { maxLength: 3 }),
              schemaUrl: otlp.text,
            },
            { requiredKeys: ['metrics'] },
          ),
          { maxLength: 2 },
        ),
        schemaUrl: otlp.text,
      },
      { requiredKeys: ['scopeMetrics'] },
    ),
    { maxLength: 2 },
  ),
})
