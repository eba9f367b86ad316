import { attributes, count, double, list, lower, member, micros, origin, sorted } from './canonical-otlp.ts'

const shapes = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary']
const has = (holder: unknown, name: string) => member(holder, name) !== undefined && member(holder, name) !== null
const anyDouble = (holder: unknown, name: string) =>
  has(holder, name) ? double(Number(member(holder, name))) : undefined
const unlessZero = (each: unknown) => (each === 0 || each === '0' ? undefined : each)
const strings = (each: unknown) => (list(each).length > 0 ? list(each).map(String) : undefined)

function half(each: unknown) {
  return { offset: unlessZero(member(each, 'offset')), bucketCounts: strings(member(each, 'bucketCounts')) }
}

const measuredValue = (each: unknown) => ({
  asInt: has(each, 'asInt') ? String(BigInt(member(each, 'asInt') as string | number)) : undefined,
  asDouble: anyDouble(each, 'asDouble'),
})

/** The canonical form of an OTLP/JSON metrics document: every point by itself, with all that is said about it. */
export function canonicalOtlpMetrics(document: unknown): string[] {
  const all = list(member(document, 'resourceMetrics')).flatMap((holder) =>
    list(member(holder, 'scopeMetrics')).flatMap((scope) =>
      list(member(scope, 'metrics')).flatMap((metric) => {
        const name = shapes.find((each) => has(metric, each)) ?? ''
        const data = member(metric, name)
        return list(member(data, 'dataPoints')).map((point) => ({
          resource: origin(member(holder, 'resource')),
          resourceSchemaUrl: member(holder, 'schemaUrl') || undefined,
          scope: origin(member(scope, 'scope')),
          scopeSchemaUrl: member(scope, 'schemaUrl') || undefined,
          name: member(metric, 'name'),
          unit: member(metric, 'unit') || undefined,
          description: member(metric, 'description') || undefined,
          metadata: attributes({ attributes: member(metric, 'metadata') }),
          shape: name,
          temporality:
            member(data, 'aggregationTemporality') === 'AGGREGATION_TEMPORALITY_DELTA'
              ? 1
              : count(data, 'aggregationTemporality'),
          isMonotonic: member(data, 'isMonotonic') || undefined,
          attributes: attributes(point),
          startTimeUnixNano: micros(member(point, 'startTimeUnixNano')),
          timeUnixNano: micros(member(point, 'timeUnixNano')),
          flags: count(point, 'flags'),
          ...measuredValue(point),
          count: unlessZero(String(member(point, 'count') ?? 0)),
          sum: name === 'summary' ? unlessZero(anyDouble(point, 'sum')) : anyDouble(point, 'sum'),
          min: anyDouble(point, 'min'),
          max: anyDouble(point, 'max'),
          bucketCounts: strings(member(point, 'bucketCounts')),
          explicitBounds: list(member(point, 'explicitBounds')).map(Number),
          scale: unlessZero(member(point, 'scale')),
          zeroCount: unlessZero(String(member(point, 'zeroCount') ?? 0)),
          zeroThreshold: unlessZero(member(point, 'zeroThreshold')),
          positive: half(member(point, 'positive')),
          negative: half(member(point, 'negative')),
          quantileValues: list(member(point, 'quantileValues')).map((each) => ({
            quantile: unlessZero(member(each, 'quantile')),
            value: unlessZero(anyDouble(each, 'value')),
          })),
          exemplars: list(member(point, 'exemplars')).map((each) => ({
            timeUnixNano: micros(member(each, 'timeUnixNano')),
            traceId: lower(member(each, 'traceId')),
            spanId: lower(member(each, 'spanId')),
            attributes: attributes({ attributes: member(each, 'filteredAttributes') }),
            ...measuredValue(each),
          })),
        }))
      }),
    ),
  )
  return all.map((each) => JSON.stringify(sorted(each))).sort()
}
