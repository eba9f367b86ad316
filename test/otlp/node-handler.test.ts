import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import express from 'express'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { nodeOtlpHandler, type OtlpRequestReport } from '../../src/otlp/index.ts'
import { officialBytes } from '../formats/protobuf/official.ts'
import { createMigrated } from '../servers/migrated.ts'
import { type Endpoint, json, protobuf, rightSpan, type Sent, send, spanRequest } from './send.ts'

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

let projects = 0
function ownProject() {
  projects += 1
  return store.forProject(`project-${projects}`)
}

const baseOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return baseOf(server)
}

const overHttp: Endpoint = (request) => fetch(request)

const encoded = (span: object) => gzipSync(officialBytes('traces', spanRequest(span)))
const gzipped = { 'content-encoding': 'gzip' }

/** The same request in all the forms that exporters send. */
const forms: Omit<Sent, 'base'>[] = [
  { type: json, body: spanRequest(rightSpan(0)) },
  { type: protobuf, body: spanRequest(rightSpan(1)) },
  { type: protobuf, body: encoded(rightSpan(2)), headers: gzipped },
  { type: json, body: gzipSync(JSON.stringify(spanRequest(rightSpan(3)))), headers: gzipped },
  // Larger than the limits of body parsers, which are 100 kB and 1 MB.
  { type: json, body: spanRequest({ ...rightSpan(4), name: 'x'.repeat(90_000) }) },
]

async function sendForms(base: string) {
  const statuses: number[] = []
  for (const form of forms) statuses.push((await send(overHttp, { ...form, base })).status)
  return statuses
}
const allStored = forms.map(() => 200)

describe('an OTLP endpoint of node:http', () => {
  it('stores what it answers with 200', async () => {
    const own = ownProject()
    const base = await listening(createServer(nodeOtlpHandler(own)))
    expect(await sendForms(base)).toEqual(allStored)
    expect(await own.spans.count()).toBe(forms.length)
    expect(await send(overHttp, { body: Buffer.from('{'), base })).toMatchObject({ status: 400, body: { code: 3 } })
    expect((await fetch(`${base}/v1/traces?x=1`)).status).toBe(405)
    expect((await fetch(`${base}/`)).status).toBe(404)
  })

  it('gives the request to authorize and to project as the web has it, and tells the address', async () => {
    const own = ownProject()
    const reports: OtlpRequestReport[] = []
    const handler = nodeOtlpHandler(own, {
      authorize: ({ headers, method }) => method === 'POST' && headers.get('authorization') === 'Bearer key',
      project: ({ url }) => new URL(url).searchParams.get('project') ?? undefined,
      onRequest: (report) => void reports.push(report),
    })
    const base = await listening(createServer(handler))
    const post = (authorization: string) =>
      fetch(`${base}/v1/traces?project=of-the-url`, {
        method: 'POST',
        headers: { authorization, 'content-type': json },
        body: JSON.stringify(spanRequest(rightSpan(0))),
      })
    expect([(await post('Bearer no')).status, (await post('Bearer key')).status]).toEqual([401, 200])
    expect(await store.forProject('of-the-url').spans.count()).toBe(1)
    expect(reports.map(({ client, path }) => ({ client, path }))).toEqual([
      { client: '127.0.0.1', path: '/v1/traces' },
      { client: '127.0.0.1', path: '/v1/traces' },
    ])
  })

  it('answers a sender that is too slow, and closes the connection', async () => {
    const base = await listening(createServer(nodeOtlpHandler(store, { bodyTimeoutMs: 30 })))
    const socket = connect(Number(new URL(base).port), '127.0.0.1')
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{',
    )
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer.toLowerCase()).toContain('connection: close')
  })

  it('answers a body that is too large as soon as its length says so, and reads no more', async () => {
    const base = await listening(createServer(nodeOtlpHandler(store, { maxBytes: 1000 })))
    const socket = connect(Number(new URL(base).port), '127.0.0.1')
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nHost: x y\r\nContent-Type: application/json\r\nContent-Length: 5000000000\r\n\r\n',
    )
    expect((await buffer(socket)).toString()).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('goes on when a sender breaks off', async () => {
    const own = ownProject()
    const reported = new Promise<OtlpRequestReport>((resolve) => {
      server = createServer(nodeOtlpHandler(own, { onRequest: resolve }))
    })
    const base = await listening(server)
    const socket = connect(Number(new URL(base).port), '127.0.0.1')
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{',
      () => socket.destroy(),
    )
    expect(await reported).toMatchObject({ status: 400, message: 'The body broke off.' })
    expect(await sendForms(base)).toEqual(allStored)
  })
  let server: Server
})

describe('an OTLP endpoint in Express', () => {
  it.each<[string, express.RequestHandler[]]>([
    ['alone', []],
    ['behind a parser of JSON', [express.json()]],
    ['behind a parser of bytes', [express.raw({ type: '*/*' })]],
    ['behind a parser of text', [express.text({ type: 'application/json' })]],
  ])('%s', async (_, before) => {
    const own = ownProject()
    const app = express()
    for (const parser of before) app.use(parser)
    app.use(nodeOtlpHandler(own))
    app.use('/otel', nodeOtlpHandler(own))
    app.get('/', (_request, response) => void response.send('home'))
    const base = await listening(createServer(app))
    expect(await sendForms(base)).toEqual(allStored)
    expect(await sendForms(`${base}/otel`)).toEqual(allStored)
    expect(await own.spans.count()).toBe(forms.length)
    expect(await (await fetch(base)).text()).toBe('home')
  })
})

describe('an OTLP endpoint in Fastify', () => {
  async function listen(app: ReturnType<typeof fastify>): Promise<string> {
    const base = await app.listen({ host: '127.0.0.1', port: 0 })
    onTestFinished(() => app.close())
    return base
  }

  it('with bodies that nobody parses', async () => {
    const own = ownProject()
    const app = fastify()
    app.register(async (scope) => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
      scope.post('/v1/*', nodeOtlpHandler(own))
    })
    app.post('/echo', async ({ body }) => body)
    const base = await listen(app)
    expect(await sendForms(base)).toEqual(allStored)
    expect(await own.spans.count()).toBe(forms.length)
    expect(await send(overHttp, { body: Buffer.from('{'), base })).toMatchObject({ status: 400, body: { code: 3 } })
    const echo = { method: 'POST', headers: { 'content-type': json }, body: '{"a":1}' }
    expect(await (await fetch(`${base}/echo`, echo)).json()).toEqual({ a: 1 })
  })

  it('with its own parser of JSON, and bytes as they came', async () => {
    const own = ownProject()
    const app = fastify()
    app.addContentTypeParser(protobuf, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    app.post('/v1/*', nodeOtlpHandler(own))
    const base = await listen(app)
    // Its own parser does not decompress, so it cannot read JSON in gzip.
    const readable = forms.filter(({ type, headers }) => type === protobuf || headers === undefined)
    for (const form of readable) expect((await send(overHttp, { ...form, base })).status).toBe(200)
    expect(await own.spans.count()).toBe(readable.length)
  })
})
