import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { describeBackendsForProcesses } from '../backends.ts'
import { officialBytes } from '../formats/protobuf/official.ts'
import { gzipBomb, json, protobuf, rightSpan, spanRequest } from '../otlp/send.ts'
import { runs } from '../runs.ts'
import { createFile } from '../servers/migrated.ts'
import { serveProcess } from './serve-process.ts'

const post = (base: string, body: Uint8Array, headers: Record<string, string>) =>
  fetch(`${base}/v1/traces`, { method: 'POST', headers, body: new Uint8Array(body) })

describeBackendsForProcesses('the process of tracehold serve', (backend) => {
  it('has stored what it answered with 200 when SIGTERM ends it in the middle of traffic', async () => {
    const url = await backend.migrated()
    const { base, end } = await serveProcess(['--db', url])
    const stored: string[] = []
    let sent = 0
    let ended: Promise<number | null> | undefined
    const client = async () => {
      while (true) {
        const span = rightSpan(sent)
        sent += 1
        const body = officialBytes('traces', spanRequest(span))
        const answer = await post(base, body, { 'content-type': protobuf }).catch(() => undefined)
        if (answer === undefined) return
        if (answer.status === 200) stored.push(span.spanId)
        if (stored.length >= 60) ended ??= end('SIGTERM')
      }
    }
    await Promise.all(Array.from({ length: 8 }, client))
    expect(await ended).toBe(0)
    const store = await openStore(url)
    const rows: { spanId: string }[] = await store.db
      .select({ spanId: store.tables.spans.spanId })
      .from(store.tables.spans)
    await store.close()
    const found = new Set(rows.map(({ spanId }) => spanId))
    expect(stored.length).toBeGreaterThanOrEqual(60)
    expect(stored.filter((spanId) => !found.has(spanId))).toEqual([])
  })
})

const mebibyte = 1024 * 1024
/** What the heap of the process may take, in MiB. */
const heap = 400

const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)])
const delimited = (tag: number, bytes: Uint8Array) =>
  Buffer.concat([Buffer.from([tag, ...varint(bytes.length)]), bytes])

/** A request in JSON with this where spans are expected, as often as it fits into so many MiB. */
const jsonOf = (item: string, mib: number) =>
  Buffer.from(
    `{"resourceSpans":[{"scopeSpans":[{"spans":[${Array(Math.floor((mib * mebibyte) / (item.length + 1)) - 1000).fill(item)}]}]}]}`,
  )
/** A request in protobuf with so many of this span. */
const protobufOf = (span: Uint8Array, count: number) =>
  delimited(0x0a, delimited(0x12, Buffer.concat(Array(count).fill(delimited(0x12, span)))))

const asJson = { 'content-type': json }
const asProtobuf = { 'content-type': protobuf }
const smallest = officialBytes('traces', spanRequest({ ...rightSpan(0), name: '' })).subarray(6)

const hostile: [string, Uint8Array, Record<string, string>][] = [
  ['much in gzip', gzipBomb(200 * mebibyte), { ...asJson, 'content-encoding': 'gzip' }],
  ['empty objects', jsonOf('{}', 16), asJson],
  ['numbers', jsonOf('1', 1.9), asJson],
  ['empty spans', protobufOf(Buffer.alloc(0), 999_000), asProtobuf],
  ['the smallest spans', protobufOf(smallest, 300_000), asProtobuf],
  ['open lists', Buffer.alloc(16 * mebibyte, '['), asJson],
  ['members', Buffer.from(`{${Array.from({ length: 990_000 }, (_, n) => `"${n}":1`)}}`), asJson],
]

it(`survives hostile requests, all at once, in ${heap} MiB of heap`, async () => {
  const { url, drop } = await createFile()
  const { base, end } = await serveProcess(['--db', url], { NODE_OPTIONS: `--max-old-space-size=${heap}` })
  const sendAll = () =>
    Promise.all(
      [...hostile, ...hostile].map(
        async ([name, body, headers]) => `${name}: ${(await post(base, body, headers)).status}`,
      ),
    )
  const refused = hostile.flatMap(([name]) => [400, 413, 429].map((status) => `${name}: ${status}`))
  for (let round = 0; round < runs(1, 5); round += 1) expect(refused).toEqual(expect.arrayContaining(await sendAll()))
  const good = gzipSync(JSON.stringify(spanRequest(rightSpan(0))))
  expect((await post(base, good, { ...asJson, 'content-encoding': 'gzip' })).status).toBe(200)
  const metrics = await (await fetch(`${base}/metrics`)).text()
  expect(metrics).toContain('\ntracehold_otlp_pending_bytes 0\n')
  expect(Number(/\nprocess_resident_memory_bytes (\d+)/.exec(metrics)?.[1])).toBeLessThan((heap + 300) * mebibyte)
  expect(await end('SIGTERM')).toBe(0)
  await drop()
})
