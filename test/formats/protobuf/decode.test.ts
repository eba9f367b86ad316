import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../../../src/errors.ts'
import { readOtlpLogs } from '../../../src/formats/otlp/logs-read.ts'
import { readOtlpMetrics } from '../../../src/formats/otlp/metrics-read.ts'
import { decodeRequest, type Signal } from '../../../src/formats/otlp/protobuf/decode.ts'
import { readOtlp } from '../../../src/formats/otlp/read.ts'
import { runs } from '../../runs.ts'
import { otlpDocuments } from '../otlp-documents.ts'
import { otlpLogDocuments } from '../otlp-log-documents.ts'
import { otlpMetricDocuments } from '../otlp-metric-documents.ts'
import { eventSample, logSample, metricSample, traceSample } from '../otlp-samples.ts'
import { officialBytes, officialDocument } from './official.ts'

const readers = { traces: readOtlp, logs: readOtlpLogs, metrics: readOtlpMetrics }
const signals: Record<Signal, fc.Arbitrary<object>> = {
  traces: otlpDocuments,
  logs: otlpLogDocuments,
  metrics: otlpMetricDocuments,
}
const samples: [Signal, object][] = [
  ['traces', traceSample],
  ['logs', logSample],
  ['logs', eventSample],
  ['metrics', metricSample],
]

const length = (hex: string) => (hex.length / 2).toString(16).padStart(2, '0')
/** A request of one log record of these bytes. */
const inLogRecord = (record: Uint8Array) => delimited(0x0a, delimited(0x12, delimited(0x12, record)))

interface OneRecord {
  resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: unknown }] }] }]
}
const bodyOf = (bytes: Uint8Array) =>
  (decodeRequest('logs', bytes) as unknown as OneRecord).resourceLogs[0].scopeLogs[0].logRecords[0].body

/** An attribute of a span, in lists of lists. */
function deepList(depth: number): Uint8Array {
  let request: Uint8Array = Buffer.from('0a0161', 'hex')
  for (let i = 0; i < depth; i += 1) request = delimited(0x2a, delimited(0x0a, request))
  for (const tag of [0x12, 0x4a, 0x12, 0x12, 0x0a]) request = delimited(tag, request)
  return request
}

function delimited(tag: number, inner: Uint8Array): Uint8Array {
  const size: number[] = []
  for (let left = inner.length; ; left >>>= 7) {
    if (left < 128) {
      size.push(left)
      break
    }
    size.push((left & 127) | 128)
  }
  return Buffer.concat([Buffer.from([tag, ...size]), inner])
}

const hostile: [string, Uint8Array][] = [
  ['a length of 4 GB', Buffer.from('0affffffff0f', 'hex')],
  ['a length of 64 bits', Buffer.from('0affffffffffffffffff01', 'hex')],
  ['an integer of more than 64 bits', Buffer.from('0880808080808080808080808001', 'hex')],
  ['an integer of a megabyte', Buffer.alloc(1 << 20, 0x80)],
  ['a group', Buffer.from('0b0c', 'hex')],
  ['the end of a group', Buffer.from('0c', 'hex')],
  ['a wire type that does not exist', Buffer.from('0f', 'hex')],
  ['field number 0', Buffer.from('0000', 'hex')],
  ['a field of another type', Buffer.from('0801', 'hex')],
  ['a message that goes beyond the one that holds it', Buffer.from('0a02120512030a0161', 'hex')],
  ['lists in lists, too deep', deepList(400)],
  ['lists in lists, far too deep', deepList(20_000)],
  ['three million empty resources', Buffer.alloc(6_000_000, Buffer.from('0a00', 'hex'))],
  ['a million log records for traces', officialBytes('logs', logSample)],
]

const rowsOf = (signal: Signal, document: unknown) => readers[signal](document)

describe('OTLP in protobuf', () => {
  for (const [signal, documents] of Object.entries(signals) as [Signal, fc.Arbitrary<object>][]) {
    it(`has the rows of the same request in JSON: ${signal}`, () => {
      fc.assert(
        fc.property(documents, (document) => {
          const bytes = officialBytes(signal, document)
          expect(rowsOf(signal, decodeRequest(signal, bytes))).toEqual(rowsOf(signal, document))
        }),
        { numRuns: runs(100, 2000) },
      )
    })

    it(`is refused or read where it is cut, or a bit of it is flipped: ${signal}`, () => {
      const requests = documents.map((document) => officialBytes(signal, document)).filter(({ length }) => length > 0)
      fc.assert(
        fc.property(requests, fc.nat(), fc.integer({ min: 0, max: 7 }), (bytes, place, bit) => {
          const at = place % bytes.length
          const flipped = Uint8Array.from(bytes)
          flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
          for (const broken of [flipped, bytes.subarray(0, at)]) {
            const decoded = unlessMalformed(() => decodeRequest(signal, broken))
            if (decoded !== undefined) expect(rowsOf(signal, decoded).rejected).toBeInstanceOf(Array)
          }
        }),
        { numRuns: runs(100, 5000) },
      )
    })
  }

  it.each(samples)('has the rows of the official examples: %s', (signal, document) => {
    const rows = rowsOf(signal, decodeRequest(signal, officialBytes(signal, document)))
    expect(rows).toEqual(rowsOf(signal, document))
    expect(rows.rejected).toEqual([])
    expect(rowsOf(signal, officialDocument(signal, officialBytes(signal, document)))).toEqual(rows)
  })

  it('joins a message that is sent twice, and keeps the last of alternatives', () => {
    const twice = (...values: object[]) =>
      Buffer.concat(values.map((value) => officialBytes('logs', { resourceLogs: [value] })))
    // Two resources of one request stay two; the two bodies of one record are joined.
    expect(decodeRequest('logs', twice({ schemaUrl: 'a' }, { schemaUrl: 'b' }))).toEqual({
      resourceLogs: [
        { schemaUrl: 'a', scopeLogs: [] },
        { schemaUrl: 'b', scopeLogs: [] },
      ],
    })
    const body = (...hex: string[]) =>
      inLogRecord(Buffer.from(hex.map((each) => `2a${length(each)}${each}`).join(''), 'hex'))
    const text = '0a0161'
    const integer = '1805'
    const list = '2a020a00'
    expect(bodyOf(body(text, integer))).toEqual({ intValue: 5 })
    expect(bodyOf(body(integer, text))).toEqual({ stringValue: 'a' })
    expect(bodyOf(body(list, list))).toEqual({ arrayValue: { values: [{}, {}] } })
  })

  it.each(hostile)('refuses what is hostile: %s', (_, bytes) => {
    expect(() => decodeRequest('traces', bytes)).toThrow(FormatError)
  })

  it('passes over fields that it does not know', () => {
    const unknown = Buffer.from('f00701f90701020304050607 08fa070161fd0701020304'.replace(' ', ''), 'hex')
    expect(decodeRequest('traces', unknown)).toEqual({ resourceSpans: [] })
  })
})

/** What `decode` returns; undefined where it refuses the bytes as it says it does. */
function unlessMalformed<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError)
    return undefined
  }
}
