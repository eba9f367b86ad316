import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { isLoopback } from '../../src/cli/serve/is-loopback.ts'
import { openStore } from '../../src/index.ts'
import { traceSample } from '../formats/otlp-samples.ts'
import { protobuf, rightSpan, send, spanRequest } from '../otlp/send.ts'
import { runCommand } from './run-command.ts'
import { runServe } from './run-serve.ts'

let folder: string
let databases = 0
/** A file of its own for each test. */
const freshUrl = () => {
  databases += 1
  return `sqlite:${join(folder, `traces-${databases}.db`)}`
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracehold-serve-'))
})
afterAll(() => rm(folder, { recursive: true }))

const post = (base: string, body: object | Uint8Array, headers = {}, type = 'application/json') =>
  send((request) => fetch(request), { base, body, headers, type })

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

async function spansIn(url: string, project = 'default'): Promise<number> {
  const store = await openStore(url)
  try {
    return await store.forProject(project).spans.count()
  } finally {
    await store.close()
  }
}

describe('tracehold serve', () => {
  it('makes the tables, stores what is sent, and ends with 0', async () => {
    const url = freshUrl()
    const { base, stop, lines } = await runServe(['--db', url])
    expect(base).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await post(base, spanRequest(rightSpan(0)))).status).toBe(200)
    expect((await post(base, spanRequest(rightSpan(1)), {}, protobuf)).status).toBe(200)
    const { code, stderr } = await stop()
    expect(code).toBe(0)
    expect(stderr).toMatch(/Made the tables .*\nTaking OTLP at .* storing it in sqlite:.*\nStopping: /s)
    expect(await spansIn(url)).toBe(2)
    expect(lines()).toEqual([
      expect.stringMatching(/^\S+Z {2}127\.0\.0\.1 {2}POST \/v1\/traces {2}200 {2}1 spans {2}\d+ B {2}[\d.]+ ms$/),
      expect.stringMatching(/^\S+Z {2}127\.0\.0\.1 {2}POST \/v1\/traces {2}200 {2}1 spans {2}\d+ B {2}[\d.]+ ms$/),
    ])
  })

  it('logs requests as JSON, or not at all', async () => {
    const { base, stop, lines } = await runServe(['--db', freshUrl(), '--json'])
    await post(base, Buffer.from('{'))
    await fetch(`${base}/v1/%1b[2J?token=secret`)
    await stop()
    expect(lines().map((line) => JSON.parse(line))).toEqual([
      {
        ...{ time: expect.stringMatching(/Z$/), signal: 'traces', method: 'POST', path: '/v1/traces', status: 400 },
        ...{ client: '127.0.0.1', projectId: 'default', bytes: 1, records: 0, rejected: 0 },
        ...{ durationMs: expect.any(Number), message: 'The body is not valid JSON.' },
      },
      expect.objectContaining({ method: 'GET', path: '/v1/%1b[2J', status: 404 }),
    ])
    const silent = await runServe(['--db', freshUrl(), '--no-access-log'])
    expect((await post(silent.base, traceSample)).status).toBe(200)
    expect((await silent.stop()).stdout).toBe('')
  })

  it.each([
    ['an option', ['--token', 'good-token'], {}],
    ['the environment', [], { TRACEHOLD_SERVE_TOKEN: 'good-token' }],
    ['a file', ['--token-file', 'token.txt'], { TRACEHOLD_SERVE_TOKEN: 'of-the-environment' }],
  ])('wants the token of %s', async (_, args, env) => {
    await writeFile(join(folder, 'token.txt'), 'good-token\n')
    const { base } = await runServe(['--db', freshUrl(), ...args], { cwd: folder, env })
    for (const headers of [{}, bearer('bad-token'), bearer('good-token-'), { authorization: 'Basic good-token' }]) {
      const answer = await post(base, traceSample, headers)
      expect(answer).toMatchObject({ status: 401, body: { code: 16 } })
      expect((await fetch(`${base}/metrics`, { headers })).status).toBe(401)
    }
    expect((await post(base, traceSample, bearer('good-token'))).status).toBe(200)
    expect((await post(base, traceSample, { authorization: 'bearer  good-token' })).status).toBe(200)
    const probe = await fetch(`${base}/health`)
    expect({ status: probe.status, body: await probe.json() }).toEqual({ status: 200, body: { status: 'ok' } })
    const health = await fetch(`${base}/health`, { headers: bearer('good-token') })
    expect(await health.json()).toMatchObject({ status: 'ok', checks: [{ name: 'sqlite' }, { name: 'disk' }] })
  })

  it('counts in the text format of Prometheus', async () => {
    const { base } = await runServe(['--db', freshUrl()])
    await post(base, traceSample)
    await post(base, { resourceSpans: [{ scopeSpans: [{ spans: [rightSpan(0), {}] }] }] })
    await post(base, Buffer.from('{'))
    await fetch(`${base}/elsewhere`)
    const answer = await fetch(`${base}/metrics`)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const metrics = await answer.text()
    for (const line of metrics.trimEnd().split('\n')) {
      expect(line).toMatch(
        /^# (?:HELP|TYPE) [a-z_]+ .+$|^[a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? [\d.e+-]+$/,
      )
    }
    for (const line of [
      'tracehold_otlp_requests_total{signal="traces",code="200"} 2',
      'tracehold_otlp_requests_total{signal="traces",code="400"} 1',
      'tracehold_otlp_requests_total{signal="none",code="404"} 1',
      'tracehold_otlp_records_total{signal="traces"} 2',
      'tracehold_otlp_rejected_total{signal="traces"} 1',
      'tracehold_otlp_request_duration_seconds_bucket{signal="traces",le="+Inf"} 3',
      'tracehold_otlp_request_duration_seconds_count{signal="traces"} 3',
      'tracehold_otlp_pending_bytes 0',
    ]) {
      expect(metrics.split('\n')).toContain(line)
    }
  })

  it('writes into the project of a header, else into its own', async () => {
    const url = freshUrl()
    const { base } = await runServe(['--db', url, '--project', 'own', '--project-header', 'X-Project'])
    await post(base, spanRequest(rightSpan(0)), { 'x-project': 'acme' })
    await post(base, spanRequest(rightSpan(0)))
    expect([await spansIn(url, 'acme'), await spansIn(url, 'own')]).toEqual([1, 1])
  })

  it('takes its place and its limits from options, environment and file', async () => {
    const { base } = await runServe(['--db', freshUrl(), '--max-bytes', '1000'], {
      env: { TRACEHOLD_SERVE_HOST: 'localhost', TRACEHOLD_SERVE_PORT: '1' },
    })
    expect(base).toMatch(/^http:\/\/localhost:\d+$/)
    expect((await post(base, spanRequest({ ...rightSpan(0), name: 'x'.repeat(2000) }))).status).toBe(413)
  })

  it('does not listen beyond this machine without a token, unless told', async () => {
    const { code, stderr } = await runCommand(['serve', '--db', freshUrl(), '--host', '0.0.0.0', '--port', '0'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/0\.0\.0\.0 is reached from other machines.*\nSet TRACEHOLD_SERVE_TOKEN or --token-file/)
    await runServe(['--db', freshUrl(), '--host', '0.0.0.0', '--without-token'])
    await runServe(['--db', freshUrl(), '--host', '0.0.0.0', '--token', 'x'])
  })

  it('says what is wrong with where it is to listen', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const run = (...args: string[]) => runCommand(['serve', '--db', freshUrl(), ...args])
    expect(await run('--port', String(port))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Port ${port} of 127.0.0.1 is in use.\nStop what listens there`),
    })
    const elsewhere = await run('--port', '0', '--host', '192.0.2.1', '--without-token')
    expect(elsewhere).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('192.0.2.1 is no address of this machine.\nChoose another by --host.'),
    })
    expect(await run('--port', '65536')).toMatchObject({ code: 2 })
    expect(await run('--token', 'two words')).toMatchObject({ code: 2, stderr: expect.not.stringContaining('two') })
    expect(await run('--token-file', 'nowhere.txt')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ENOENT'),
    })
  })

  it('answers what runs when it is stopped, and takes nothing new', async () => {
    const url = freshUrl()
    const { base, stop } = await runServe(['--db', url])
    const { port } = new URL(base)
    const body = JSON.stringify(spanRequest(rightSpan(0)))
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n{`,
    )
    await once(socket, 'connect')
    // Its request is being read once another that came later is answered.
    expect((await post(base, spanRequest(rightSpan(1)))).status).toBe(200)
    const ended = stop()
    await expect(fetch(base)).rejects.toThrow()
    socket.write(body.slice(1))
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect((await ended).code).toBe(0)
    expect(await spansIn(url)).toBe(2)
  })

  it('knows which hosts only this machine reaches', () => {
    const local = ['127.0.0.1', '127.1.2.3', '::1', '0:0:0:0:0:0:0:1', 'localhost', 'LOCALHOST']
    const others = [
      '0.0.0.0',
      '::',
      '10.0.0.1',
      '2001:db8::1',
      'example.com',
      'localhost.example.com',
      '::ffff:10.0.0.1',
      '1::1',
    ]
    expect(local.filter((host) => !isLoopback(host))).toEqual([])
    expect(others.filter((host) => isLoopback(host))).toEqual([])
  })
})
