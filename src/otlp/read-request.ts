import { FormatError } from '../errors.ts'
import { readOtlpLogs } from '../formats/otlp/logs-read.ts'
import { readOtlpMetrics } from '../formats/otlp/metrics-read.ts'
import { decodeRequest, type Signal } from '../formats/otlp/protobuf/decode.ts'
import { readOtlp } from '../formats/otlp/read.ts'
import type { ReadResult } from '../formats/read-result.ts'
import { unreadable } from '../formats/unreadable.ts'
import { type MediaType, textOf } from './media-type.ts'
import { recordCount } from './record-count.ts'
import { Refusal } from './refusal.ts'

const readers: Readonly<Record<Signal, (document: unknown) => ReadResult>> = {
  traces: readOtlp,
  // Ids of records that have none come from their content, and of equal ones from their place in the request: a request
  // that is sent again has the same.
  logs: (document) => readOtlpLogs(document),
  metrics: (document) => readOtlpMetrics(document),
}

/**
 * The records of a request.
 *
 * @throws Refusal with 400 where it is no request of this signal; with 415 for an unknown charset
 */
export function readRequest(signal: Signal, type: MediaType, bytes: Uint8Array): ReadResult {
  return recordsOf(signal, type.form === 'protobuf' ? decoded(signal, bytes) : parsed(textOf(bytes, type.charset)))
}

/** The same of JSON that was parsed before. */
export function recordsOf(signal: Signal, document: unknown): ReadResult {
  const result = orRefuse(() => {
    if (recordCount(document) > mostRecords) throw tooMany(mostRecords, 'records')
    return readers[signal](document)
  })
  const [first] = result.rejected
  // What is wrong with the request itself, and not with a part of a list in it.
  if (first !== undefined && !first.path.includes('[')) {
    throw new Refusal(400, `The body is no OTLP request of ${signal}: ${`${first.path} ${first.reason}`.trim()}.`)
  }
  return result
}

/** Objects, lists and members of them that JSON may hold. Two bytes become a hundred in memory. */
const mostParts = 1_000_000

/** Resources, scopes, records and points of a request. A body within its limit could hold millions that are empty. */
const mostRecords = 100_000

const tooMany = (most: number, what: string) =>
  new Refusal(413, `The body holds more than ${most} ${what}. Send smaller batches.`)

const decoded = (signal: Signal, bytes: Uint8Array): unknown => orRefuse(() => decodeRequest(signal, bytes))

function parsed(text: string): unknown {
  if (text.length > mostParts && partsOf(text) > mostParts) {
    throw tooMany(mostParts, 'parts')
  }
  try {
    return JSON.parse(text)
  } catch {
    // Without the parser's own message, which quotes the text.
    throw new Refusal(400, 'The body is not valid JSON.')
  }
}

/** What JSON opens and what it separates, outside of its texts. */
function partsOf(json: string): number {
  let parts = 0
  let isText = false
  for (let i = 0; i < json.length; i += 1) {
    const code = json.charCodeAt(i)
    if (code === quote) isText = !isText
    else if (code === backslash) i += 1
    else if (!isText && (code === comma || code === brace || code === bracket)) parts += 1
  }
  return parts
}

const [quote, backslash, comma, brace, bracket] = [...'"\\,{['].map((each) => each.charCodeAt(0))

/** No document may end the process: one that a reader was not made for is refused. */
function orRefuse<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(400, error instanceof FormatError ? error.message : unreadable(error).message)
  }
}
