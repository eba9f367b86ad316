import type { Signal } from '../formats/otlp/protobuf/decode.ts'
import type { Answer } from './incoming.ts'
import type { LeftOut } from './left-out.ts'
import type { MediaType } from './media-type.ts'
import type { Refusal } from './refusal.ts'

/** The codes of google.rpc.Status, the body of OTLP's errors, for each status of HTTP. */
const codes: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  408: 4,
  413: 8,
  415: 3,
  429: 8,
  503: 14,
}
const internal = 13

const counted = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
} as const satisfies Record<Signal, string>

/** The answer to a request that was stored, as far as it could be. */
export function storedAnswer(signal: Signal, { form, name }: MediaType, { rejected, message }: LeftOut): Answer {
  const isWhole = rejected === 0 && message === ''
  if (form === 'protobuf') {
    const partial = Buffer.concat([rejected > 0 ? varintField(1, rejected) : empty, textField(2, message)])
    return { status: 200, headers: { 'content-type': name }, body: isWhole ? empty : delimited(1, partial) }
  }
  const partialSuccess = {
    ...(rejected > 0 && { [counted[signal]]: String(rejected) }),
    ...(message && { errorMessage: message }),
  }
  return answer(200, name, {}, isWhole ? {} : { partialSuccess })
}

/** The answer to a request that was not taken. */
export function refusedAnswer({ form, name }: MediaType, { status, message, headers }: Refusal): Answer {
  const code = codes[status] ?? internal
  if (form === 'json') return answer(status, name, headers, { code, message })
  const body = Buffer.concat([varintField(1, code), textField(2, message)])
  return { status, headers: { ...headers, 'content-type': name }, body }
}

const answer = (status: number, name: string, headers: Answer['headers'], body: object): Answer => ({
  status,
  headers: { ...headers, 'content-type': name },
  body: Buffer.from(JSON.stringify(body)),
})

const empty = Buffer.alloc(0)

function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
  return Buffer.from([...bytes, left])
}

const varintField = (number: number, value: number) => Buffer.concat([Buffer.from([number << 3]), varint(value)])
const delimited = (number: number, bytes: Buffer) =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes])
const textField = (number: number, text: string) => (text === '' ? empty : delimited(number, Buffer.from(text)))
