import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openStore, type Store, type Transform } from '../../src/index.ts'
import { type OtlpHandlerOptions, type OtlpRequestReport, otlpHandler } from '../../src/otlp/index.ts'
import { eventSample, logSample, metricSample, traceSample } from '../formats/otlp-samples.ts'
import { createMigrated } from '../servers/migrated.ts'
import { answered, gzipBomb, json, protobuf, requestOf, rightSpan, type Sent, send, spanRequest } from './send.ts'
import { zstdOf } from './zstd.ts'

// The answers are the same whichever engine has the rows; test/otlp/engines.test.ts has what an engine has a part in.
let database: Awaited<ReturnType<typeof createMigrated.sqlite>>
let store: Store
beforeAll(async () => {
  database = await createMigrated.sqlite()
  store = await openStore(database.url)
})
afterAll(async () => {
  await store.close()
  await database.drop()
})

const bothTypes = [json, protobuf]
const span = rightSpan(0)
const ask = (sent: Sent, options: OtlpHandlerOptions = {}) => send(otlpHandler(store, options), sent)

/** A project of its own for each test, so that none sees the rows of another. */
let projects = 0
function ownProject() {
  projects += 1
  return store.forProject(`project-${projects}`)
}

describe('an OTLP endpoint', () => {
  it.each(bothTypes)('answers in the media type of the request: %s', async (type) => {
    const { status, headers, body } = await ask({ type, body: traceSample })
    expect({ status, type: headers.get('content-type'), body }).toEqual({ status: 200, type, body: {} })
    const refused = await ask({ type, body: Buffer.from('{') })
    expect(refused).toMatchObject({ status: 400, body: { code: 3, message: expect.any(String) } })
    expect(refused.headers.get('content-type')).toBe(type)
  })

  it('takes every signal, below a path of the app too', async () => {
    for (const [signal, body] of [
      ['logs', logSample],
      ['logs', eventSample],
      ['metrics', metricSample],
    ] as const) {
      expect(await ask({ signal, body, base: 'http://localhost/otel' })).toMatchObject({ status: 200, body: {} })
    }
    expect(await ask({ signal: 'traces', body: Buffer.alloc(0), type: protobuf })).toMatchObject({ status: 200 })
  })

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['zstd', zstdOf],
    ['identity', (bytes: Buffer) => bytes],
    ['GZIP ', gzipSync],
  ])('takes bodies in %s', async (encoding, encode) => {
    const own = ownProject()
    const bytes = encode(Buffer.from(JSON.stringify(spanRequest(span))))
    const headers = { 'content-encoding': encoding }
    expect(await send(otlpHandler(own), { body: bytes, headers })).toMatchObject({ status: 200 })
    expect(await own.spans.count()).toBe(1)
  })

  it.each([
    ['utf-8', 'utf8'],
    ['"UTF-8"', 'utf8'],
    ['utf-16le', 'utf16le'],
    ['iso-8859-1', 'latin1'],
  ] as const)('reads JSON in the charset %s', async (charset, encoding) => {
    const own = ownProject()
    const body = Buffer.from(JSON.stringify(spanRequest({ ...span, name: 'grüß' })), encoding)
    const type = `Application/JSON; boundary=x; charset=${charset}`
    expect((await send(otlpHandler(own), { type, body })).status).toBe(200)
    expect((await own.spans.list()).items.map(({ name }) => name)).toEqual(['grüß'])
  })

  it.each(bothTypes)('tells what it left out, and stores the rest: %s', async (type) => {
    const own = ownProject()
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [span, { ...rightSpan(1), traceId: '' }] }] }] }
    expect(await send(otlpHandler(own), { type, body: request })).toMatchObject({
      status: 200,
      body: {
        partialSuccess: {
          rejectedSpans: type === json ? '1' : 1,
          errorMessage: 'resourceSpans[0].scopeSpans[0].spans[1].traceId is missing',
        },
      },
    })
    expect(await own.spans.count()).toBe(1)
  })

  it('tells what the store refuses', async () => {
    const transform: Transform = (...[record]) => ('name' in record && record.name === 'span 1' ? fail() : record)
    const spans = [span, rightSpan(1), rightSpan(2)]
    const own = await openedWith({ transform })
    const { status, body } = await send(otlpHandler(own), { body: { resourceSpans: [{ scopeSpans: [{ spans }] }] } })
    expect(status).toBe(200)
    expect(body).toEqual({
      partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringMatching(/^spans\[1\] .*transform/) },
    })
    expect(await own.spans.count()).toBe(2)
  })

  it('lists some reasons of many', async () => {
    const spans = Array.from({ length: 8 }, () => ({}))
    const { body } = await ask({ body: { resourceSpans: [{ scopeSpans: [{ spans }] }] } })
    expect(body).toEqual({
      partialSuccess: { rejectedSpans: '8', errorMessage: expect.stringMatching(/spans\[4\].*; and 3 more$/) },
    })
  })

  it.each<[string, number, Sent]>([
    ['JSON that is cut', 400, { body: Buffer.from('{"resourceSpans":[{"scopeSpans":[{') }],
    ['JSON that is none', 400, { body: Buffer.from('hello') }],
    ['no body', 400, { body: Buffer.alloc(0) }],
    ['JSON that is another thing', 400, { body: { a: 1 } }],
    ['JSON of another signal', 400, { body: logSample }],
    ['a list of requests', 400, { body: [traceSample] }],
    ['bytes that are not of their charset', 400, { body: Buffer.from([0xff, 0xfe, 0x7b]) }],
    ['protobuf that is none', 400, { type: protobuf, body: Buffer.from('{}') }],
    ['gzip that is none', 400, { body: traceSample, headers: { 'content-encoding': 'gzip' } }],
    [
      'gzip that is cut',
      400,
      { body: gzipSync('{"resourceSpans":[]}').subarray(0, 20), headers: { 'content-encoding': 'gzip' } },
    ],
    ['zstd that is none', 400, { body: traceSample, headers: { 'content-encoding': 'zstd' } }],
    [
      'zstd that is cut',
      400,
      { body: zstdOf(Buffer.from('{}')).subarray(0, 9), headers: { 'content-encoding': 'zstd' } },
    ],
    ['an unknown encoding', 415, { body: traceSample, headers: { 'content-encoding': 'br' } }],
    ['two encodings', 415, { body: traceSample, headers: { 'content-encoding': 'gzip, gzip' } }],
    ['another type', 415, { type: 'text/plain', body: traceSample }],
    ['a type of Object’s', 415, { type: 'constructor', body: traceSample }],
    ['an unknown charset', 415, { type: 'application/json; charset=klingon', body: traceSample }],
  ])('refuses for good: %s', async (_, status, sent) => {
    const answer = await ask(sent)
    expect(answer).toMatchObject({ status, body: { message: expect.any(String) } })
    expect(answer.headers.get('retry-after')).toBeNull()
  })

  it('knows paths and methods', async () => {
    const handler = otlpHandler(store)
    for (const path of ['/', '/v1/spans', '/v1/traces/x', '/v1/constructor', '/v1development/profiles']) {
      const { status, body } = await answered(await handler(new Request(`http://localhost${path}`, { method: 'POST' })))
      expect({ path, status, body }).toMatchObject({ path, status: 404, body: { code: 5 } })
    }
    for (const method of ['GET', 'PUT', 'OPTIONS']) {
      const { status, headers } = await handler(new Request('http://localhost/v1/traces', { method }))
      expect({ method, status, allow: headers.get('allow') }).toEqual({ method, status: 405, allow: 'POST' })
    }
  })

  it('asks who may write before it reads the body', async () => {
    let isRead = false
    const body = new ReadableStream(
      {
        pull() {
          isRead = true
        },
      },
      { highWaterMark: 0 },
    )
    const request = () =>
      new Request('http://localhost/v1/traces', {
        ...{ method: 'POST', body, duplex: 'half' },
        headers: { 'content-type': json },
      })
    const denied = await answered(await otlpHandler(store, { authorize: () => false })(request()))
    expect(denied).toMatchObject({ status: 401, body: { code: 16 } })
    expect(denied.headers.get('www-authenticate')).toBe('Bearer')
    expect(isRead).toBe(false)
    const verdicts = [true, 401, 403, Promise.resolve(false), Promise.resolve(true)] as const
    const statuses = verdicts.map(
      async (verdict) => (await ask({ body: traceSample }, { authorize: () => verdict })).status,
    )
    expect(await Promise.all(statuses)).toEqual([200, 401, 403, 401, 200])
    const authorize = ({ headers }: Request) => headers.get('authorization') === 'Bearer s3cret'
    const headers = { authorization: 'Bearer s3cret' }
    expect((await ask({ body: traceSample, headers }, { authorize })).status).toBe(200)
  })

  it('is asked again later where it cannot be told who may write', async () => {
    const warned = nextWarning()
    const answer = await ask({ body: traceSample }, { authorize: () => Promise.reject(new Error('auth is down')) })
    expect(answer).toMatchObject({ status: 503, body: { code: 14 } })
    expect(answer.headers.get('retry-after')).toBe('5')
    expect((await warned).message).toBe('authorize of the OTLP endpoint failed: auth is down')
  })

  it('writes into the project of a header or of a function', async () => {
    const project = { header: 'x-project' }
    const options: [OtlpHandlerOptions, Record<string, string>][] = [
      [{ project }, { 'X-Project': 'of a header' }],
      [{ project: ({ url }) => new URL(url).hostname }, {}],
      [{ project: async () => undefined }, {}],
      [{ project }, {}],
    ]
    const own = ownProject()
    for (const [each, headers] of options) {
      expect((await send(otlpHandler(own, each), { body: spanRequest(span), headers })).status).toBe(200)
    }
    for (const id of ['of a header', 'localhost', own.projectId]) {
      expect({ id, spans: await store.forProject(id).spans.count() }).toEqual({ id, spans: 1 })
    }
    const headers = { 'x-project': 'x'.repeat(300) }
    expect(await ask({ body: traceSample, headers }, { project })).toMatchObject({
      status: 400,
      body: { message: 'The request names no valid project.' },
    })
  })

  it('refuses what is too large, as sent or decompressed', async () => {
    const options = { maxBytes: 10_000 }
    const large = spanRequest({ ...span, name: 'x'.repeat(20_000) })
    const announced = { 'content-length': '20000' }
    const bombs: Sent[] = [
      { body: large },
      { body: traceSample, headers: announced },
      { body: gzipBomb(1 << 20), headers: { 'content-encoding': 'gzip' } },
      { body: deflateSync(Buffer.alloc(1 << 20)), headers: { 'content-encoding': 'deflate' } },
      { body: zstdOf(Buffer.alloc(1 << 20)), headers: { 'content-encoding': 'zstd' } },
    ]
    for (const bomb of bombs) {
      const { status, body } = await ask(bomb, options)
      expect({ status, body }).toMatchObject({
        status: 413,
        body: { code: 8, message: expect.stringContaining('10000') },
      })
    }
    expect((await ask({ body: spanRequest(span) }, options)).status).toBe(200)
  })

  it('refuses for now what is too much at once, and for good what is too much alone', async () => {
    const many = (count: number) => ({
      resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: count }, (_, n) => rightSpan(n)) }] }],
    })
    // A row counts as a kilobyte beside its texts.
    const options = { maxBytes: 100_000, maxPendingBytes: 200_000 }
    const handler = otlpHandler(ownProject(), options)
    const both = await Promise.all([1, 2].map(() => send(handler, { body: many(120) })))
    expect(both.map(({ status }) => status).sort()).toEqual([200, 429])
    const refused = both.find(({ status }) => status === 429)
    expect(refused).toMatchObject({ body: { code: 8 } })
    expect(refused?.headers.get('retry-after')).toBe('1')
    expect((await send(handler, { body: many(120) })).status).toBe(200)
    expect(await send(handler, { body: many(300) })).toMatchObject({ status: 413 })
  })

  it('does not wait for a body that does not come', async () => {
    let isCancelled = false
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('{"resourceSpans":'))
      },
      cancel() {
        isCancelled = true
      },
    })
    const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': json } } as const
    const response = await otlpHandler(store, { bodyTimeoutMs: 20 })(new Request('http://localhost/v1/traces', init))
    expect(response.status).toBe(408)
    expect(isCancelled).toBe(true)
  })

  it('answers with 200 only what is committed, however the writers of the store answer', async () => {
    const queued = await openedWith({ ack: 'queued', maxAgeMs: 3_600_000, batchRows: 1_000_000 })
    expect((await send(otlpHandler(queued), { body: spanRequest(span) })).status).toBe(200)
    expect(await queued.spans.count()).toBe(1)
  })

  it('is asked again later where the queue is full and drops', async () => {
    const dropping = await openedWith({ whenFull: 'drop', queueRows: 1 })
    const spans = Array.from({ length: 40 }, (_, n) => rightSpan(n))
    const answer = await send(otlpHandler(dropping), { body: { resourceSpans: [{ scopeSpans: [{ spans }] }] } })
    expect(answer).toMatchObject({ status: 429, body: { code: 8 } })
    expect(answer.headers.get('retry-after')).toBe('1')
  })

  it('is asked again later once the store is closed', async () => {
    const closed = await openedWith({})
    await closed.close()
    const answer = await send(otlpHandler(closed), { body: spanRequest(span) })
    expect(answer).toMatchObject({ status: 503, body: { code: 14 } })
    expect(answer.headers.get('retry-after')).toBe('5')
  })

  it('lets pages of allowed origins send from a browser', async () => {
    const preflight = (origin: string) =>
      new Request('http://localhost/v1/traces', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-headers': 'content-type,x-own' },
      })
    const some = otlpHandler(store, { cors: ['https://app.example'] })
    const allowed = await some(preflight('https://app.example'))
    expect({ status: allowed.status, ...Object.fromEntries(allowed.headers) }).toEqual({
      status: 204,
      vary: 'origin',
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type,x-own',
      'access-control-max-age': '7200',
    })
    expect((await some(preflight('https://evil.example'))).headers.get('access-control-allow-origin')).toBeNull()
    const sent = await otlpHandler(store, { cors: true })(
      requestOf({ body: traceSample, headers: { origin: 'https://any.example' } }),
    )
    expect({ status: sent.status, origin: sent.headers.get('access-control-allow-origin') }).toEqual({
      status: 200,
      origin: '*',
    })
  })

  it('reports every request, without its content', async () => {
    const own = ownProject()
    const reports: OtlpRequestReport[] = []
    const handler = otlpHandler(own, { onRequest: (report) => void reports.push(report) })
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [span, {}] }] }] }
    await send(handler, { body: request })
    await send(handler, { body: Buffer.from('secret content') })
    await handler(new Request('http://localhost/elsewhere?key=secret'))
    const common = { client: undefined, durationMs: expect.any(Number) }
    expect(reports).toEqual([
      {
        ...common,
        ...{ signal: 'traces', method: 'POST', path: '/v1/traces', status: 200, projectId: own.projectId },
        ...{ bytes: JSON.stringify(request).length, records: 1, rejected: 1 },
        message: 'resourceSpans[0].scopeSpans[0].spans[1].traceId is missing',
      },
      {
        ...common,
        ...{ signal: 'traces', method: 'POST', path: '/v1/traces', status: 400, projectId: own.projectId },
        ...{ bytes: 14, records: 0, rejected: 0, message: 'The body is not valid JSON.' },
      },
      {
        ...common,
        ...{ signal: undefined, method: 'GET', path: '/elsewhere', status: 404, projectId: undefined },
        ...{ bytes: 0, records: 0, rejected: 0, message: expect.stringContaining('/v1/logs') },
      },
    ])
  })

  it('is not disturbed by a report that fails', async () => {
    const warned = nextWarning()
    const onRequest = () => fail()
    expect((await ask({ body: traceSample }, { onRequest })).status).toBe(200)
    expect((await warned).message).toBe('onRequest of the OTLP endpoint failed: no')
  })
})

function fail(): never {
  throw new Error('no')
}

/** A store of its own with these options of its writers, closed after the test. */
async function openedWith(writers: NonNullable<Parameters<typeof openStore>[1]>['writers']): Promise<Store> {
  const own = await createMigrated.sqlite()
  const opened = await openStore(own.url, { writers })
  onTestFinished(async () => {
    await opened.close()
    await own.drop()
  })
  return opened
}

const nextWarning = () => new Promise<Error>((resolve) => process.once('warning', resolve))
