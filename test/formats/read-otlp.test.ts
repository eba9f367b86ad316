import { describe, expect, test } from 'vitest'
import { readOtlp } from '../../src/formats/otlp/read.ts'
import { writeSpan } from '../../src/formats/otlp/write-span.ts'
import { emptyResult } from '../../src/formats/read-result.ts'
import { Micros } from '../../src/rows/micros.ts'
import { instantAt } from './instant-at.ts'
import { otlpAttributes, otlpRequest, otlpSpan } from './otlp-spans.ts'
import { storedSpans } from './stored-rows.ts'

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

  test('keeps an id that is neither hex nor base64 of an id as it is', () => {
    expect(readOne({ traceId: 'run 7', spanId: 'c3RlcA==' }).span).toMatchObject({
      traceId: 'run 7',
      spanId: 'c3RlcA==',
    })
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

describe('a span that cannot be told', () => {
  test.each([
    [{ traceId: undefined }, 'traceId', 'is missing'],
    [{ traceId: 12 }, 'traceId', 'is missing'],
    [{ traceId: '0'.repeat(32) }, 'traceId', 'is missing'],
    [{ spanId: '' }, 'spanId', 'is missing'],
    [{ startTimeUnixNano: 'yesterday' }, 'startTimeUnixNano', 'is missing'],
    [{ startTimeUnixNano: '-5' }, 'startTimeUnixNano', 'is missing'],
    [{ startTimeUnixNano: undefined }, 'startTimeUnixNano', 'is missing'],
    [{ startTimeUnixNano: '9007199254740992000' }, 'startTimeUnixNano', 'is missing'],
  ])('is rejected alone, and it is said where: %j', (members, path, reason) => {
    const { spans, events, rejected } = readOtlp(
      otlpRequest(otlpSpan(), otlpSpan({ endTimeUnixNano: null, ...members }), otlpSpan()),
    )
    expect(rejected).toEqual([{ path: `resourceSpans[0].scopeSpans[0].spans[1].${path}`, reason }])
    expect(spans).toHaveLength(2)
    expect(events).toEqual([])
  })
})

describe('a detail that does not fit', () => {
  test.each([
    [{ endTimeUnixNano: {} }, 'endTimeUnixNano', 'is not a time in nanoseconds since 1970: it is left out'],
    [{ name: 5 }, 'name', 'is not a string: it is left out'],
    [{ kind: 'REMOTE' }, 'kind', 'is not a whole number: it is left out'],
    [{ kind: -1 }, 'kind', 'is not a whole number: it is left out'],
    [{ status: 'ok' }, 'status', 'is not an object: it is left out'],
    [{ status: { code: 9 } }, 'code', 'is none of unset, ok, error: it is left out'],
    [{ flags: 'x' }, 'flags', 'is not a whole number: it is left out'],
    [{ attributes: {} }, 'attributes', 'is not a list: it is left out'],
    [{ attributes: [attribute('a', 'b'), 7] }, 'attributes[1]', 'is not an object: it is left out'],
    [{ attributes: [{ key: 'a', value: 'plain' }] }, 'attributes[0].value', 'is not an object: it is left out'],
    [
      { attributes: otlpAttributes({ a: { intValue: 'x' } }) },
      'attributes[0].value.intValue',
      'is not an integer: it is left out',
    ],
    [
      { attributes: otlpAttributes({ a: { doubleValue: 'x' } }) },
      'attributes[0].value.doubleValue',
      'is not a number: it is left out',
    ],
    [
      { attributes: otlpAttributes({ a: { bytesValue: [256] } }) },
      'attributes[0].value.bytesValue',
      'holds no bytes: it is left out',
    ],
    [
      { attributes: otlpAttributes({ a: [{ boolValue: 'x' }] }) },
      'arrayValue.values[0].boolValue',
      'is not true or false: it is left out',
    ],
    [{ events: [{}, 5] }, 'events[1]', 'is not an object: it is left out'],
    [
      { events: [{}, { timeUnixNano: 'now' }] },
      'events[1].timeUnixNano',
      'is not a time in nanoseconds since 1970: it is left out',
    ],
    [{ links: 5 }, 'links', 'is not a list: it is left out'],
    [{ links: [{ spanId: 5 }] }, 'spanId', 'holds no bytes: it is left out'],
  ])('is left out and named, and its span is kept: %j', (members, path, reason) => {
    const { spans, rejected, repaired } = readOtlp(otlpRequest(otlpSpan(), otlpSpan(members), otlpSpan()))
    expect(rejected).toEqual([])
    expect(spans).toHaveLength(3)
    expect(repaired).toEqual([{ path: `resourceSpans[0].scopeSpans[0].spans[1].${path}`, reason }])
  })

  test('of a resource or a scope costs none of their spans', () => {
    const { spans, rejected, repaired } = readOtlp({
      resourceSpans: [
        {
          resource: {
            attributes: otlpAttributes({ blob: { bytesValue: [-1] }, 'service.name': { stringValue: 's' } }),
          },
          scopeSpans: [{ scope: { name: 5 }, spans: [otlpSpan(), otlpSpan()] }],
        },
      ],
    })
    expect(rejected).toEqual([])
    expect(spans.map(({ serviceName }) => serviceName)).toEqual(['s', 's'])
    expect(repaired.map(({ path }) => path)).toEqual([
      'resourceSpans[0].resource.attributes[0].value.bytesValue',
      'resourceSpans[0].scopeSpans[0].scope.name',
    ])
  })

  test('a value nested deeper than any use is left out, without a stack overflow', () => {
    let value: unknown = { stringValue: 'deep' }
    for (let i = 0; i < 100_000; i += 1) value = { arrayValue: { values: [value] } }
    const { spans, repaired } = readOtlp(otlpRequest(otlpSpan({ attributes: otlpAttributes({ a: value }) })))
    expect(spans).toHaveLength(1)
    expect(repaired[0]?.reason).toBe('is nested deeper than 100 levels: it is left out')
  })

  test('a span that ends before it starts lasts 0, and is written as it came', () => {
    const given = otlpSpan({ endTimeUnixNano: '1762999999000000000' })
    const { spans, repaired } = readOtlp(otlpRequest(given))
    expect(spans[0]).toMatchObject({ durationMs: 0 })
    expect(spans[0]?.endTime).toEqual(spans[0]?.startTime)
    expect(repaired).toHaveLength(1)
    const [stored] = storedSpans(spans)
    if (!stored) throw new Error('there is no span')
    expect(writeSpan(stored, [])).toMatchObject({ endTimeUnixNano: '1762999999000000000' })
    expect(writeSpan(stored, []).attributes).toBeUndefined()
  })
})

describe('what producers write in another way', () => {
  const traceId = '5b8efff798038103d269b633813fc60c'
  const spanId = 'eee19b7ec3c1b174'
  const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')

  test('ids in base64 are those in hex', () => {
    const { span } = readOne({ traceId: base64(traceId), spanId: base64(spanId), parentSpanId: base64(spanId) })
    expect(span).toMatchObject({ traceId, spanId, parentSpanId: spanId })
  })

  test('ids of zeros are none', () => {
    const { span } = readOne({
      parentSpanId: '0'.repeat(16),
      links: [{ traceId, spanId: '0'.repeat(16) }],
    })
    expect(span).toMatchObject({ parentSpanId: null, links: [{ traceId, spanId: '' }] })
  })

  test.each([['ERROR'], ['STATUS_CODE_ERROR'], ['error'], [2], ['2']])('a status %j is an error', (code) => {
    expect(readOne({ status: { code }, kind: 'CLIENT' }).span).toMatchObject({ status: 'error', otelKind: 'client' })
  })

  test.each([[{ type: 'Buffer', data: [105, 50] }], [{ 0: 105, 1: 50 }], [[105, 50]], ['aTI=']])(
    'bytes as %j are base64',
    (bytesValue) => {
      const { span } = readOne({ attributes: otlpAttributes({ blob: { bytesValue } }) })
      expect(span.attributes).toEqual({ blob: 'aTI=' })
      expect(span.attributeTypes).toEqual({ '/attributes/blob': 'bytes' })
    },
  )

  test.each([
    ['1763000000000000000.5', '1763000000000000'],
    [1763000000000000.5, '1763000000000'],
    [
      { low: -1604378624, high: 410478 },
      String((BigInt(410478) * 2n ** 32n + BigInt.asUintN(32, -1604378624n)) / 1000n),
    ],
  ])('a time as %j is floored to microseconds', (startTimeUnixNano, micros) => {
    expect(readOne({ startTimeUnixNano, endTimeUnixNano: null }).span.startTime).toEqual(new Micros(Number(micros)))
  })

  test('integers beyond 64 bits are texts, numbers with a fraction are doubles', () => {
    const { span } = readOne({
      attributes: otlpAttributes({ big: { intValue: '99999999999999999999' }, half: { intValue: 1.5 } }),
    })
    expect(span.attributes).toEqual({ big: '99999999999999999999', half: 1.5 })
    expect(span.attributeTypes).toBeNull()
  })

  test('snake_case and camelCase are read at any level, and so are the lists of old libraries', () => {
    const inner = { trace_id: traceId, spanId, name: 'x', start_time_unix_nano: '1763000000000000000' }
    for (const document of [
      { resourceSpans: [{ scope_spans: [{ spans: [inner] }] }] },
      { resource_spans: [{ scopeSpans: [{ spans: [inner] }] }] },
      { resourceSpans: [{ instrumentationLibrarySpans: [{ instrumentationLibrary: { name: 'l' }, spans: [inner] }] }] },
      {
        resource_spans: [
          { instrumentation_library_spans: [{ instrumentation_library: { name: 'l' }, spans: [inner] }] },
        ],
      },
    ]) {
      const { spans, rejected } = readOtlp(document)
      expect(rejected).toEqual([])
      expect(spans).toMatchObject([{ traceId, spanId }])
    }
  })

  test('references to entities are kept and written', () => {
    const entityRefs = [{ type: 'service', idKeys: ['service.name'] }]
    const { spans } = readOtlp({ resourceSpans: [{ resource: { entityRefs }, scopeSpans: [{ spans: [otlpSpan()] }] }] })
    expect(spans[0]?.resource).toEqual({ entityRefs })
  })
})

describe('a document that holds something, and nothing that can be read', () => {
  test.each([
    [{ resourceSpans: [{ resource: {}, scopeSpan: [{}] }] }, 'resourceSpans[0]', 'has no scopeSpans; it has scopeSpan'],
    [
      { resourceSpans: [{ scopeSpans: [{ span: [otlpSpan()] }] }] },
      'resourceSpans[0].scopeSpans[0]',
      'has no spans; it has span',
    ],
    [
      { resourceSpans: [{ resource: { attributes: [attribute('a', 'b')] } }] },
      'resourceSpans[0]',
      'has no scopeSpans; it has resource',
    ],
  ])('is named: %j', (document, path, reason) => {
    expect(readOtlp(document).rejected).toEqual([{ path, reason }])
  })

  test('lists that are empty say that there is nothing', () => {
    expect(readOtlp({ resourceSpans: [] }).rejected).toEqual([])
    expect(readOtlp({ resourceSpans: [{ scopeSpans: [{ spans: [] }] }] }).rejected).toEqual([])
  })
})

describe('what is not OTLP', () => {
  test.each([
    [{ resourceSpans: 5 }, 'resourceSpans', 'is not a list'],
    [{ resourceSpans: [5] }, 'resourceSpans[0]', 'is not an object'],
    [{ resourceSpans: [{ scopeSpans: {} }] }, 'resourceSpans[0].scopeSpans', 'is not a list'],
    [{ resourceSpans: [{ scopeSpans: [{ spans: 'x' }] }] }, 'resourceSpans[0].scopeSpans[0].spans', 'is not a list'],
    ['text', '', 'is not an object'],
  ])('says where the document is otherwise: %j', (document, path, reason) => {
    expect(readOtlp(document)).toEqual({ ...emptyResult(), rejected: [{ path, reason }] })
  })

  test('takes null for absent', () => {
    const nulls = { parentSpanId: null, attributes: null, events: null, links: null, status: null, kind: null }
    expect(readOne(nulls).span).toMatchObject({ parentSpanId: null, attributes: {}, links: null, status: 'unset' })
    expect(readOtlp({ resourceSpans: null }).rejected).toEqual([{ path: 'resourceSpans', reason: 'is null' }])
  })
})
