import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Signal } from '../../../src/formats/otlp/protobuf/decode.ts'

/** What protobufjs generates for a message of the official schema. */
interface OfficialMessage {
  fromObject(object: object): object
  encode(message: object): { finish(): Uint8Array }
  decode(bytes: Uint8Array): object
  toObject(message: object, options: object): object
}

interface CollectorRoot {
  opentelemetry: { proto: { collector: Record<string, { v1: Record<string, OfficialMessage> }> } }
}

const require = createRequire(import.meta.url)
const folder = dirname(require.resolve('@opentelemetry/otlp-transformer'))
const root: CollectorRoot = require(join(folder, 'generated/root.js'))

const names = {
  traces: ['trace', 'ExportTraceService'],
  logs: ['logs', 'ExportLogsService'],
  metrics: ['metrics', 'ExportMetricsService'],
} as const

function officialMessage(signal: Signal, what: 'Request' | 'Response'): OfficialMessage {
  const [part, service] = names[signal]
  const found = root.opentelemetry.proto.collector[part]?.v1[service + what]
  if (!found) throw new Error(`The official schema has no ${service}${what}.`)
  return found
}

const hexMembers = ['traceId', 'spanId', 'parentSpanId']

/** A document with its ids in another encoding. Names of attributes are values, so a member of this name is an id. */
function withIds(value: unknown, from: BufferEncoding, to: BufferEncoding): unknown {
  if (Array.isArray(value)) return value.map((item) => withIds(item, from, to))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      hexMembers.includes(name) ? Buffer.from(String(member), from).toString(to) : withIds(member, from, to),
    ]),
  )
}

/** The protobuf of an OTLP/JSON request, by code that is generated from the official schema. */
export function officialBytes(signal: Signal, document: object): Uint8Array {
  const message = officialMessage(signal, 'Request')
  return message.encode(message.fromObject(withIds(document, 'hex', 'base64') as object)).finish()
}

/** The OTLP/JSON of a request in protobuf, by code that is generated from the official schema. */
export function officialDocument(signal: Signal, bytes: Uint8Array): unknown {
  const message = officialMessage(signal, 'Request')
  const options = { longs: String, bytes: String, json: true }
  return withIds(message.toObject(message.decode(bytes), options), 'base64', 'hex')
}

/** What an answer in protobuf says. */
export function officialResponse(signal: Signal, bytes: Uint8Array): unknown {
  const message = officialMessage(signal, 'Response')
  return message.toObject(message.decode(bytes), { longs: Number })
}
