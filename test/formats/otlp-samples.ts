/**
 * One document of each signal, as an SDK sends it and with every kind of field that the protocol's own samples have:
 * ids in upper case, a resource and a scope with attributes, a value of every type, metrics of every shape.
 */

const attribute = (key: string, value: object) => ({ key, value })
const text = (stringValue: string) => ({ stringValue })
const named = (key: string) => [attribute(key, text('some text'))]

const resource = {
  attributes: [...named('service.name'), attribute('host.cpus', { intValue: '4' })],
  droppedAttributesCount: 1,
}
const scope = { name: 'checkout.instrumentation', version: '2.1.0', attributes: named('scope.attribute') }

const ofEveryType = [
  attribute('text', text('a text')),
  attribute('empty', text('')),
  attribute('truth', { boolValue: true }),
  attribute('integer', { intValue: '42' }),
  attribute('large', { intValue: '9223372036854775807' }),
  attribute('double', { doubleValue: 637.25 }),
  attribute('whole', { doubleValue: 5 }),
  attribute('bytes', { bytesValue: 'AQL/' }),
  attribute('list', { arrayValue: { values: [text('one'), { intValue: '2' }] } }),
  attribute('map', { kvlistValue: { values: [attribute('some.key', text('inside'))] } }),
]

const traceId = '7C9EFFF798038103D269B633813FC6AB'
const start = '1544712660123456000'
const end = '1544712661300000000'

export const traceSample = {
  resourceSpans: [
    {
      resource,
      scopeSpans: [
        {
          scope,
          spans: [
            {
              traceId,
              spanId: 'EEE19B7EC3C1B17A',
              parentSpanId: 'EEE19B7EC3C1B17B',
              name: 'POST /orders',
              kind: 2,
              startTimeUnixNano: start,
              endTimeUnixNano: end,
              traceState: 'vendor=1',
              attributes: ofEveryType,
              events: [{ timeUnixNano: end, name: 'retry', attributes: named('event.attribute') }],
              links: [{ traceId, spanId: 'AEE19B7EC3C1B17A', attributes: named('link.attribute') }],
              status: { code: 2, message: 'refused' },
            },
          ],
        },
      ],
      schemaUrl: 'https://opentelemetry.io/schemas/1.38.0',
    },
  ],
}

const logRecords = [
  {
    timeUnixNano: start,
    observedTimeUnixNano: end,
    severityNumber: 10,
    severityText: 'Information',
    traceId,
    spanId: 'EEE19B7EC3C1B17A',
    body: text('An order was refused'),
    attributes: ofEveryType,
  },
]
const eventRecords = [
  {
    eventName: 'checkout.refused',
    timeUnixNano: start,
    observedTimeUnixNano: start,
    severityNumber: 9,
    severityText: 'some text',
    attributes: named('event.attribute'),
    body: {
      kvlistValue: { values: [attribute('type', { intValue: '0' }), attribute('url', text('https://shop.example/x'))] },
    },
  },
]
const logs = (records: readonly object[]) => ({
  resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: records }] }],
})

export const logSample = logs(logRecords)
export const eventSample = logs(eventRecords)

const point = { startTimeUnixNano: start, timeUnixNano: end, attributes: named('point.attribute') }
const exemplar = { timeUnixNano: end, traceId, spanId: 'EEE19B7EC3C1B17A', filteredAttributes: named('dropped') }
const metrics = [
  {
    name: 'orders',
    unit: '1',
    description: 'A counter',
    sum: {
      aggregationTemporality: 1,
      isMonotonic: true,
      dataPoints: [{ ...point, asDouble: 5, exemplars: [{ ...exemplar, asInt: '5' }] }],
    },
  },
  {
    name: 'open.orders',
    unit: '1',
    description: 'An up-down counter',
    sum: { aggregationTemporality: 2, dataPoints: [{ ...point, asInt: '-9007199254740993' }] },
  },
  {
    name: 'temperature',
    unit: 'Cel',
    description: 'A gauge',
    gauge: {
      dataPoints: [
        { ...point, asDouble: 10.5 },
        { timeUnixNano: end, flags: 1 },
      ],
    },
  },
  {
    name: 'latency',
    unit: 'ms',
    description: 'A histogram',
    histogram: {
      aggregationTemporality: 1,
      dataPoints: [
        {
          ...point,
          ...{ count: '2', sum: 2, min: 0, max: 2, bucketCounts: ['1', '1'], explicitBounds: [1] },
          exemplars: [{ ...exemplar, asDouble: 1.5 }],
        },
      ],
    },
  },
  {
    name: 'size',
    unit: 'By',
    description: 'An exponential histogram',
    exponentialHistogram: {
      aggregationTemporality: 1,
      dataPoints: [
        {
          ...point,
          ...{ count: '3', sum: 10, min: 0, max: 5, scale: 0, zeroCount: '1', zeroThreshold: 0 },
          positive: { offset: 1, bucketCounts: ['0', '2'] },
        },
      ],
    },
  },
  {
    name: 'wait',
    unit: 's',
    description: 'A summary',
    summary: {
      dataPoints: [
        {
          ...point,
          ...{ count: '2', sum: 3, quantileValues: [{ value: 1 }, { quantile: 0.5, value: 1.5 }] },
        },
      ],
    },
  },
]

export const metricSample = { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] }
