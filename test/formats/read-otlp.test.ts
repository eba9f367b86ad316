import { describe, expect, test } from 'vitest'
import { readOtlp } from '../../src/formats/otlp/read.ts'
import { emptyResult } from '../../src/formats/read-result.ts'
import { instantAt } from './instant-at.ts'
import { otlpAttributes, otlpRequest, otlpSpan } from './otlp-spans.ts'

const readOne = (members: Record<string, unknown>) => {
  const { spans, events, rejected } = readOtlp(otlpRequest(otlpSpan(members)))
  expect(rejected).toEqual([])
  const [span] = spans
  if (span === undefined) throw new Error('the span was not read')
  return { span, events }
}

describe('a span', () => {
  test('has its ids in lower case', () => {
    const { span } = readOne({
      traceId: '5B8EFFF798038103D269B633813FC60C',
      spanId: 'EEE19B7EC3C1B174',
      parentSpanId: 'EEE19B7EC3C1B173',
      links: [{ traceId: 'AB8EFFF798038103D269B633813FC60C', spanId: 'FFF19B7EC3C1B174' }],
    })
    expect(span).toMatchObject({
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      parentSpanId: 'eee19b7ec3c1b173',
      links: [{ traceId: 'ab8efff798038103d269b633813fc60c', spanId: 'fff19b7ec3c1b174' }],
    })
  })

  test('keeps an id that is not hex as it is', () => {
    expect(readOne({ traceId: 'W47/95gDgQPSabYzgT/GDA==' }).span.traceId).toBe('W47/95gDgQPSabYzgT/GDA==')
  })

  test('has no parent where the id of one is empty', () => {
    expect(readOne({ parentSpanId: '' }).span.parentSpanId).toBeNull()
  })

  test.each([
    ['1763000000028403999', '2025-11-13T02:13:20.028403Z'],
    ['1763000000000000001', '2025-11-13T02:13:20.000000Z'],
    ['1000', '1970-01-01T00:00:00.000001Z'],
    [1763000000028403000, '2025-11-13T02:13:20.028403Z'],
    ['9007199254740991999', '2255-06-05T23:47:34.740991Z'],
  ])('floors its nanoseconds to microseconds: %s', (startTimeUnixNano, startTime) => {
    expect(readOne({ startTimeUnixNano, endTimeUnixNano: '0' }).span.startTime).toEqual(instantAt(startTime))
  })

  test('takes its duration from the microseconds', () => {
    const { span } = readOne({
      startTimeUnixNano: '1763000000028403999',
      endTimeUnixNano: '1763000000028405000',
    })
    expect(span.durationMs).toBe(0.002)
  })

  test.each([undefined, null, '0', 0])('runs while its end is %s', (endTimeUnixNano) => {
    expect(readOne({ endTimeUnixNano }).span).toMatchObject({ endTime: null, durationMs: null })
  })

  test('takes enums as integers and by name', () => {
    expect(readOne({ kind: 2, status: { code: 2, message: 'no' } }).span).toMatchObject({
      otelKind: 'server',
      status: 'error',
      statusMessage: 'no',
    })
    expect(readOne({ kind: 'SPAN_KIND_CONSUMER', status: { code: 'STATUS_CODE_OK' } }).span).toMatchObject({
      otelKind: 'consumer',
      status: 'ok',
      statusMessage: null,
    })
    expect(readOne({}).span).toMatchObject({ otelKind: 'unspecified', status: 'unset' })
  })

  test('keeps trace state, flags, dropped counts, links, resource and scope', () => {
    const resource = { attributes: otlpAttributes({ 'service.name': 'air' }), droppedAttributesCount: 1 }
    const scope = { name: 'lib', version: '2', attributes: otlpAttributes({ on: true }) }
    const link = { traceId: 'aa', spanId: 'bb', traceState: 'c=d', flags: 1, attributes: otlpAttributes({ n: 1 }) }
    const span = otlpSpan({ traceState: 'a=b', flags: 257, links: [link], droppedEventsCount: 3 })
    const { spans } = readOtlp({
      resourceSpans: [
        { resource, schemaUrl: 'https://r', scopeSpans: [{ scope, schemaUrl: 'https://s', spans: [span] }] },
      ],
    })
    expect(spans[0]).toMatchObject({
      traceState: 'a=b',
      flags: 257,
      dropped: { events: 3 },
      links: [{ traceId: 'aa', spanId: 'bb', traceState: 'c=d', flags: 1, attributes: { n: 1 } }],
      resource: { attributes: { 'service.name': 'air' }, droppedAttributesCount: 1, schemaUrl: 'https://r' },
      scope: { name: 'lib', version: '2', attributes: { on: true }, schemaUrl: 'https://s' },
      serviceName: 'air',
    })
  })

  test('has its events apart, in order', () => {
    const { events, span } = readOne({
      events: [
        { timeUnixNano: '1763000000000001999', name: 'first', attributes: otlpAttributes({ a: 1 }) },
        { name: 'second', droppedAttributesCount: 2, attributes: otlpAttributes({ d: { doubleValue: 2 } }) },
      ],
    })
    const { traceId, spanId } = span
    expect(events).toEqual([
      {
        traceId,
        spanId,
        ordinal: 0,
        name: 'first',
        time: instantAt('2025-11-13T02:13:20.000001Z'),
        attributes: { a: 1 },
        attributeTypes: null,
        droppedAttributesCount: null,
      },
      {
        traceId,
        spanId,
        ordinal: 1,
        name: 'second',
        time: instantAt('1970-01-01T00:00:00.000000Z'),
        attributes: { d: 2 },
        attributeTypes: { '/attributes/d': 'double' },
        droppedAttributesCount: 2,
      },
    ])
  })
})

describe('attributes', () => {
  test('are plain JSON without notes where JSON tells all', () => {
    const plain = { s: 'text', e: '', t: true, i: -7, d: 0.5, l: ['a', 1], 'a.b': { kvlistValue: {} } }
    const { span } = readOne({ attributes: otlpAttributes(plain) })
    expect(span.attributes).toEqual({ ...plain, 'a.b': {} })
    expect(span.attributeTypes).toBeNull()
  })

  test('note what JSON cannot tell', () => {
    const { span } = readOne({
      attributes: otlpAttributes({
        double: { doubleValue: 5 },
        huge: { doubleValue: 1e300 },
        zero: { doubleValue: -0 },
        nan: { doubleValue: 'NaN' },
        up: { doubleValue: 'Infinity' },
        down: { doubleValue: '-Infinity' },
        long: { intValue: '9007199254740993' },
        bytes: { bytesValue: 'AQID' },
        empty: {},
        list: { arrayValue: { values: [{ intValue: 1 }, { doubleValue: 1 }, {}] } },
        'a/b~c': { kvlistValue: { values: otlpAttributes({ inner: { bytesValue: '' } }) } },
      }),
    })
    expect(span.attributes).toEqual({
      double: 5,
      huge: 1e300,
      zero: 0,
      nan: null,
      up: null,
      down: null,
      long: '9007199254740993',
      bytes: 'AQID',
      empty: null,
      list: [1, 1, null],
      'a/b~c': { inner: '' },
    })
    expect(span.attributeTypes).toEqual({
      '/attributes/double': 'double',
      '/attributes/huge': 'double',
      '/attributes/zero': '-0',
      '/attributes/nan': 'nan',
      '/attributes/up': 'infinity',
      '/attributes/down': '-infinity',
      '/attributes/long': 'int',
      '/attributes/bytes': 'bytes',
      '/attributes/empty': 'empty',
      '/attributes/list/1': 'double',
      '/attributes/list/2': 'empty',
      '/attributes/a~1b~0c/inner': 'bytes',
    })
  })

  test('take the last of duplicate keys, and its type', () => {
    const { span } = readOne({
      attributes: [
        { key: 'a', value: { kvlistValue: { values: otlpAttributes({ b: { bytesValue: 'AQID' } }) } } },
        { key: 'ab', value: { doubleValue: 1 } },
        { key: 'a', value: { stringValue: 'last' } },
      ],
    })
    expect(span.attributes).toEqual({ a: 'last', ab: 1 })
    expect(span.attributeTypes).toEqual({ '/attributes/ab': 'double' })
  })

  test('may be called like a member of every object', () => {
    const { span } = readOne({ attributes: otlpAttributes({ constructor: 'c' }).concat(attribute('__proto__', 'p')) })
    expect(Object.entries(span.attributes ?? {})).toEqual([
      ['constructor', 'c'],
      ['__proto__', 'p'],
    ])
  })

  test('of resource and scope note their types in every span', () => {
    const attributes = otlpAttributes({ d: { doubleValue: 1 } })
    const { spans } = readOtlp({
      resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: { attributes }, spans: [otlpSpan()] }] }],
    })
    expect(spans[0]?.attributeTypes).toEqual({ '/resource/attributes/d': 'double', '/scope/attributes/d': 'double' })
  })
})

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } })

describe('field names in snake_case', () => {
  test('are read as those in camelCase', () => {
    const { spans, rejected } = readOtlp({
      resource_spans: [
        {
          resource: { attributes: [{ key: 'service_name', value: { string_value: 'a_b' } }] },
          scope_spans: [
            {
              spans: [
                {
                  trace_id: 'AA',
                  span_id: 'BB',
                  parent_span_id: 'CC',
                  start_time_unix_nano: '1763000000000000000',
                  kind: 'SPAN_KIND_CLIENT',
                  dropped_attributes_count: 4,
                },
              ],
            },
          ],
        },
      ],
    })
    expect(rejected).toEqual([])
    expect(spans[0]).toMatchObject({
      traceId: 'aa',
      spanId: 'bb',
      parentSpanId: 'cc',
      otelKind: 'client',
      dropped: { attributes: 4 },
      resource: { attributes: { service_name: 'a_b' } },
    })
  })
})

describe('what is not OTLP', () => {
  test.each([
    [{ traceId: undefined }, 'traceId', 'is missing'],
    [{ spanId: '' }, 'spanId', 'is missing'],
    [{ traceId: 12 }, 'traceId', 'is not a string'],
    [{ startTimeUnixNano: 'yesterday' }, 'startTimeUnixNano', 'is not a time in nanoseconds since 1970'],
    [{ startTimeUnixNano: '-5' }, 'startTimeUnixNano', 'is not a time in nanoseconds since 1970'],
    [{ startTimeUnixNano: undefined }, 'startTimeUnixNano', 'is missing'],
    [{ startTimeUnixNano: '9007199254740992000' }, 'startTimeUnixNano', 'is after the year 2255'],
    [{ endTimeUnixNano: {} }, 'endTimeUnixNano', 'is not a time in nanoseconds since 1970'],
    [{ name: 5 }, 'name', 'is not a string'],
    [{ kind: 'SERVER' }, 'kind', 'is not a whole number'],
    [{ status: 'ok' }, 'status', 'is not an object'],
    [{ attributes: {} }, 'attributes', 'is not a list'],
    [{ attributes: [attribute('a', 'b'), 7] }, 'attributes[1]', 'is not an object'],
    [{ attributes: [{ key: 'a', value: 'plain' }] }, 'attributes[0].value', 'is not an object'],
    [{ attributes: otlpAttributes({ a: { intValue: 1.5 } }) }, 'attributes[0].value.intValue', 'is not an integer'],
    [{ attributes: otlpAttributes({ a: { doubleValue: 'x' } }) }, 'attributes[0].value.doubleValue', 'is not a number'],
    [
      { attributes: otlpAttributes({ a: [{ boolValue: 'x' }] }) },
      'attributes[0].value.arrayValue.values[0].boolValue',
      'is not true or false',
    ],
    [{ events: [{}, { timeUnixNano: 'now' }] }, 'events[1].timeUnixNano', 'is not a time in nanoseconds since 1970'],
    [{ links: [{ spanId: 5 }] }, 'links[0].spanId', 'is not a string'],
  ])('rejects only that span and says where: %j', (members, path, reason) => {
    const { spans, events, rejected } = readOtlp(otlpRequest(otlpSpan(), otlpSpan(members), otlpSpan()))
    expect(rejected).toEqual([{ path: `resourceSpans[0].scopeSpans[0].spans[1].${path}`, reason }])
    expect(spans).toHaveLength(2)
    expect(events).toEqual([])
  })

  test('rejects a span that ends before it starts', () => {
    const { rejected } = readOtlp(otlpRequest(otlpSpan({ endTimeUnixNano: '1762999999000000000' })))
    expect(rejected).toEqual([{ path: 'resourceSpans[0].scopeSpans[0].spans[0]', reason: 'ends before it starts' }])
  })

  test('rejects a value nested deeper than any use, without a stack overflow', () => {
    let value: unknown = { stringValue: 'deep' }
    for (let i = 0; i < 100_000; i += 1) value = { arrayValue: { values: [value] } }
    const { spans, rejected } = readOtlp(otlpRequest(otlpSpan({ attributes: otlpAttributes({ a: value }) })))
    expect(spans).toEqual([])
    expect(rejected[0]?.reason).toBe('is nested deeper than 100 levels')
  })

  test.each([
    [{ resourceSpans: 5 }, 'resourceSpans', 'is not a list'],
    [{ resourceSpans: [5] }, 'resourceSpans[0]', 'is not an object'],
    [{ resourceSpans: [{ scopeSpans: {} }] }, 'resourceSpans[0].scopeSpans', 'is not a list'],
    [{ resourceSpans: [{ scopeSpans: [{ spans: 'x' }] }] }, 'resourceSpans[0].scopeSpans[0].spans', 'is not a list'],
    [{ resourceSpans: [{ resource: { attributes: 1 } }] }, 'resourceSpans[0].resource.attributes', 'is not a list'],
    ['text', '', 'is not an object'],
  ])('says where the document is otherwise: %j', (document, path, reason) => {
    expect(readOtlp(document)).toEqual({ ...emptyResult(), rejected: [{ path, reason }] })
  })

  test('takes null for absent', () => {
    const nulls = { parentSpanId: null, attributes: null, events: null, links: null, status: null, kind: null }
    expect(readOne(nulls).span).toMatchObject({ parentSpanId: null, attributes: {}, links: null, status: 'unset' })
    expect(readOtlp({ resourceSpans: null }).rejected).toEqual([])
  })
})
