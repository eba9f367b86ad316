import { afterAll, beforeAll, expect, it } from 'vitest'
import { BatchError, openStore, type Store } from '../../src/index.ts'
import { TraceholdLogRecordExporter, TraceholdMetricExporter, TraceholdSpanExporter } from '../../src/otel/index.ts'
import { exported, sdkLog, sdkMetrics, sdkSpan, spanId, traceId } from './sdk-records.ts'

let store: Store
beforeAll(async () => {
  store = await openStore('sqlite::memory:', { migrate: true })
})
afterAll(() => store.close())

let projects = 0
function ownProject() {
  projects += 1
  return store.forProject(`project-${projects}`)
}

async function storedSpan(attributes: Record<string, unknown>) {
  const own = ownProject()
  const exporter = new TraceholdSpanExporter({ store: own })
  const { code } = await exported((answer) => exporter.export([sdkSpan(1, { attributes })], answer))
  return { code, span: await own.spans.get(traceId, spanId(1)) }
}

it('keeps values of every kind, and says of those that JSON lacks what they were', async () => {
  const circular: unknown[] = ['inner']
  circular.push(circular)
  const nested = (levels: number): unknown => (levels === 0 ? 'deep' : { inner: nested(levels - 1) })
  const { code, span } = await storedSpan({
    text: 'grüß',
    whole: 3,
    beyond: 2n ** 60n,
    fraction: 0.5,
    nan: Number.NaN,
    negativeZero: -0,
    truth: true,
    list: ['a', null, 1, { of: 'it' }],
    bytes: new Uint8Array([1, 2, 3]),
    nothing: null,
    missing: undefined,
    function: () => 'called',
    symbol: Symbol('odd'),
    circular,
    tooDeep: nested(300),
    ['__proto__']: { polluted: true },
  })
  expect(code).toBe(0)
  expect(span?.attributes).toMatchObject({
    text: 'grüß',
    whole: 3,
    beyond: '1152921504606846976',
    fraction: 0.5,
    nan: null,
    truth: true,
    list: ['a', null, 1, { of: 'it' }],
    bytes: 'AQID',
    nothing: null,
    missing: null,
    function: null,
    symbol: null,
    circular: ['inner', '[circular]'],
  })
  expect(span?.attributeTypes).toMatchObject({ '/attributes/bytes': 'bytes', '/attributes/nan': 'nan' })
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

it('stores what can be stored of an export, and names the rest by its place', async () => {
  const own = ownProject()
  const errors: unknown[] = []
  const exporter = new TraceholdSpanExporter({ store: own, onError: (...told) => errors.push(told) })
  const throwing = {
    ...sdkSpan(2),
    get attributes(): never {
      throw new Error('secret')
    },
  }
  const other = { attributes: { 'service.name': 'other' } }
  const spans = [
    sdkSpan(1),
    throwing,
    sdkSpan(3, { resource: other }),
    sdkSpan(4, { spanContext: () => ({ traceId: '', spanId: spanId(4) }) }),
    sdkSpan(5),
  ]
  const { code, error } = await exported((answer) => exporter.export(spans, answer))
  expect(code).toBe(1)
  expect(error).toBeInstanceOf(BatchError)
  expect((error as BatchError).rejected).toEqual([
    { index: 1, code: 'validation', message: 'spans[1] cannot be read: it throws' },
    { index: 3, code: 'validation', message: 'spans[3].traceId is missing' },
  ])
  expect(errors).toEqual([[error, { signal: 'spans', records: 2 }]])
  expect(exporter.stats()).toEqual({ exported: 5, stored: 3, refused: 2, lost: 0, pending: 0, late: 0 })
  expect((await own.spans.list()).items.map(({ spanId }) => spanId).sort()).toEqual([1, 3, 5].map(spanId))
})

it('names places beyond the first part that it reads in one turn', async () => {
  const own = ownProject()
  const exporter = new TraceholdSpanExporter({ store: own })
  const spans = Array.from({ length: 250 }, (_, index) => sdkSpan(index + 1))
  spans[217] = sdkSpan(218, { startTime: [0, 0], endTime: [0, 0] })
  const { error } = await exported((answer) => exporter.export(spans, answer))
  expect((error as BatchError).rejected).toMatchObject([
    { index: 217, message: expect.stringMatching(/^spans\[217\]/) },
  ])
  expect(await own.spans.count()).toBe(249)
})

it('goes without late attributes that fail, hang or throw', async () => {
  const own = ownProject()
  const exporter = new TraceholdSpanExporter({ store: own })
  const failing = [() => Promise.reject(new Error('no metadata server')), () => fail('threw')].map((wait) => ({
    attributes: { 'service.name': 'late' },
    asyncAttributesPending: true,
    waitForAsyncAttributes: wait,
  }))
  const spans = failing.map((resource, index) => sdkSpan(index + 1, { resource }))
  expect(await exported((answer) => exporter.export(spans, answer))).toEqual({ code: 0 })
  expect((await own.spans.list()).items.map(({ serviceName }) => serviceName)).toEqual(['late', 'late'])
})

function fail(message: string): never {
  throw new Error(message)
}

it('keeps bodies of any value, the name of an event, and the span of a log record', async () => {
  const own = ownProject()
  const exporter = new TraceholdLogRecordExporter({ store: own })
  const logs = [
    sdkLog({ body: 'plain', severityNumber: 17, severityText: 'ERROR' }),
    sdkLog({ body: { question: ['why', 1] }, eventName: 'asked', spanContext: { traceId, spanId: spanId(1) } }),
    sdkLog({ body: new Uint8Array([255]) }),
    sdkLog({}),
    sdkLog({ body: 'plain', severityNumber: 17, severityText: 'ERROR' }),
  ]
  expect(await exported((answer) => exporter.export(logs, answer))).toEqual({ code: 0 })
  const { items } = await own.logs.list()
  // Equal ones of one moment are several.
  expect(items.map(({ bodyText }) => bodyText).filter((text) => text === 'plain')).toHaveLength(2)
  expect(items).toHaveLength(5)
  expect(items.find(({ eventName }) => eventName === 'asked')).toMatchObject({
    traceId,
    spanId: spanId(1),
    body: { question: ['why', 1] },
  })
})

it('names metrics of an unknown kind, and stores the others', async () => {
  const own = ownProject()
  const exporter = new TraceholdMetricExporter({ store: own })
  const point = { startTime: [1_764_547_200, 0], endTime: [1_764_547_201, 0], attributes: {} } as const
  const metrics = sdkMetrics(
    { dataPoints: [{ ...point, value: 2.5 }] },
    { dataPointType: 0, dataPoints: [{ ...point, value: undefined }] },
    { dataPointType: 9, dataPoints: [{ ...point, value: 1 }] },
    { dataPointType: 2, dataPoints: [{ ...point, value: Number.NaN }] },
  )
  const { error } = await exported((answer) => exporter.export(metrics, answer))
  expect((error as BatchError).message).toMatch(/metrics\[2\] has none of gauge, sum, histogram/)
  expect(exporter.stats()).toMatchObject({ exported: 4, stored: 3, refused: 1 })
  expect(await own.metrics.latest('metric 0')).toMatchObject({ value: 2.5, temporality: 'cumulative' })
  expect(await own.metrics.latest('metric 3')).toMatchObject({ value: null, attributeTypes: { '/value': 'nan' } })
})

it('selects the temporality that it is told', () => {
  const instruments = ['COUNTER', 'UP_DOWN_COUNTER', 'HISTOGRAM', 'OBSERVABLE_COUNTER', 'OBSERVABLE_UP_DOWN_COUNTER']
  const selected = (temporality?: 'cumulative' | 'delta' | 'lowmemory') => {
    const exporter = new TraceholdMetricExporter({ store, temporality })
    return instruments.map((each) => exporter.selectAggregationTemporality(each))
  }
  expect(selected()).toEqual([1, 1, 1, 1, 1])
  expect(selected('delta')).toEqual([0, 1, 0, 0, 1])
  expect(selected('lowmemory')).toEqual([0, 1, 0, 1, 1])
  expect(() => new TraceholdMetricExporter({ temporality: 'sometimes' as 'delta' })).toThrow(/cumulative, delta/)
})
