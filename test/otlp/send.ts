import { gzipSync } from 'node:zlib'
import type { Signal } from '../../src/formats/otlp/protobuf/decode.ts'
import { officialBytes, officialResponse } from '../formats/protobuf/official.ts'

/** What answers requests: `otlpHandler`, or a server. */
export type Endpoint = (request: Request) => Promise<Response>

export const json = 'application/json'
export const protobuf = 'application/x-protobuf'

/** An OTLP request, as an exporter makes it. */
export interface Sent {
  readonly signal?: Signal
  readonly type?: string
  /** A document, which is encoded as the type says, or the bytes themselves. */
  readonly body: object | Uint8Array
  readonly headers?: Record<string, string>
  readonly base?: string
}

/** Doubles as protobuf's JSON writes them: JSON itself has no NaN and no infinities, and JavaScript's none of -0. */
function written(_name: string, value: unknown): unknown {
  if (Object.is(value, -0)) return '-0'
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

/** The request that sends this. */
export function requestOf({ signal = 'traces', type = json, body, headers, base = 'http://localhost' }: Sent): Request {
  const encoded = type.startsWith(json) ? Buffer.from(JSON.stringify(body, written)) : officialBytes(signal, body)
  const bytes = body instanceof Uint8Array ? body : encoded
  return new Request(`${base}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body: new Uint8Array(bytes),
  })
}

/** What came back. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  /** The body, decoded as its type says; null where there is none. */
  readonly body: unknown
}

/** Sends a request, and decodes the answer by its media type. */
export async function send(endpoint: Endpoint, sent: Sent): Promise<Answered> {
  const { status, headers, body } = await answered(await endpoint(requestOf(sent)), sent.signal)
  return { status, headers, body }
}

/** An answer with its body decoded. */
export async function answered(response: Response, signal: Signal = 'traces'): Promise<Answered> {
  const { status, headers } = response
  const bytes = new Uint8Array(await response.arrayBuffer())
  const type = headers.get('content-type')
  if (type === json) return { status, headers, body: JSON.parse(Buffer.from(bytes).toString()) }
  return { status, headers, body: status === 200 ? officialResponse(signal, bytes) : statusMessage(bytes) }
}

/** A google.rpc.Status, as far as ours go: a code below 128 and a message. */
function statusMessage(bytes: Uint8Array) {
  if (bytes.length === 0) return null
  const [codeTag, code, messageTag] = bytes
  if (codeTag !== 0x08 || messageTag !== 0x12) throw new Error('The answer is no google.rpc.Status.')
  const long = (bytes[3] ?? 0) > 127
  return { code, message: Buffer.from(bytes.subarray(long ? 5 : 4)).toString() }
}

/** A request of one span. */
export const spanRequest = (span: object) => ({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })

/** A span that is right; `n` tells it from others. */
export const rightSpan = (n: number) => ({
  traceId: (n + 1).toString(16).padStart(32, '0'),
  spanId: (n + 1).toString(16).padStart(16, '0'),
  name: `span ${n}`,
  startTimeUnixNano: '1544712660000000000',
  endTimeUnixNano: '1544712661000000000',
})

/** Bytes that gunzip makes of few. */
export const gzipBomb = (bytes: number) => gzipSync(Buffer.alloc(bytes, ' '))
