import { describe, expect, test } from 'vitest'
import { FormatError } from '../../src/errors.ts'
import { readRecords } from '../../src/formats/formats.ts'
import { otlpRequest, otlpSpan } from './otlp-spans.ts'

const aiSpan = { name: 'ai.embed', spanContext: { traceId: 'aa', spanId: 'bb' }, startTime: [1770132000, 0] }

describe('a document', () => {
  test('is read by what it is', () => {
    expect(readRecords(otlpRequest(otlpSpan())).spans).toMatchObject([{ name: 'a span' }])
    expect(readRecords({ resource_spans: [] }).spans).toEqual([])
    expect(readRecords(aiSpan).spans).toMatchObject([{ name: 'ai.embed' }])
  })

  test('may be a list of documents', () => {
    const { spans, rejected } = readRecords([otlpRequest(otlpSpan()), aiSpan, otlpRequest(otlpSpan())])
    expect(spans.map(({ name }) => name)).toEqual(['a span', 'ai.embed', 'a span'])
    expect(rejected).toEqual([])
    expect(readRecords([]).spans).toEqual([])
  })

  test('of a list says which one it is that is wrong', () => {
    const { spans, rejected } = readRecords([
      otlpRequest(otlpSpan(), otlpSpan({ spanId: '' })),
      { ...aiSpan, startTime: 5 },
      'text',
    ])
    expect(spans).toHaveLength(1)
    expect(rejected).toEqual([
      { path: '[0].resourceSpans[0].scopeSpans[0].spans[1].spanId', reason: 'is missing' },
      { path: '[1].startTime', reason: 'is not a time as [seconds, nanoseconds]' },
      { path: '[2]', reason: 'is a string, which is no format that tracehold reads' },
    ])
  })

  test('of a list costs itself alone, whatever reading it throws', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
    const good = { metric_name: 'latency', value: 5 }
    const { metricPoints, rejected } = readRecords([good, { ...good, metadata: { deep } }, good])
    expect(metricPoints).toHaveLength(2)
    expect(rejected).toEqual([{ path: '[1]', reason: 'The document is nested too deeply' }])
  })
})

describe('a document of no known format', () => {
  test.each([
    [{ secret: 'hunter2' }, 'an object of 1 member without "resourceSpans"'],
    [{}, 'an object of 0 members'],
    ['secret', 'a string'],
    [5, 'a number'],
    [null, 'null'],
    [[{ secret: 1 }, 'secret'], 'an object of 1 member'],
    [[[]], 'a list'],
  ])('is an error that says what was found and what is read, not what is in it: %j', (document, found) => {
    let error: unknown
    try {
      readRecords(document)
    } catch (thrown) {
      error = thrown
    }
    if (!(error instanceof FormatError)) throw new Error('there was no FormatError')
    expect(error.message).toContain(`Found ${found}`)
    expect(error.message).toContain('It reads OTLP/JSON')
    expect(error.message).not.toMatch(/secret|hunter2/)
  })
})
