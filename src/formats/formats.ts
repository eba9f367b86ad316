import { FormatError } from '../errors.ts'
import { type Entity, entities } from '../rows/accepted-row.ts'
import type { Records } from '../rows/records.ts'
import { isAgentprobeMetric, readAgentprobeMetric } from './agentprobe/metrics.ts'
import { isAgentprobeTrace, readAgentprobe } from './agentprobe/read.ts'
import { isAgentprobeResult, readAgentprobeResult } from './agentprobe/results.ts'
import { readAiSdk } from './ai-sdk.ts'
import { ContentIds } from './content-id.ts'
import { isAgentsItem, readAgentsItem } from './openai-agents/read.ts'
import { readOtlpLogs } from './otlp/logs-read.ts'
import { readOtlpMetrics } from './otlp/metrics-read.ts'
import { readOtlp } from './otlp/read.ts'
import { emptyResult, mergeReading, type ReadResult } from './read-result.ts'
import { isSelectools, readSelectools } from './selectools/read.ts'
import { isObject } from './shape-error.ts'
import { unreadable } from './unreadable.ts'

/** Where a document comes from. */
export interface DocumentSource {
  /** The JSON that it was parsed from: formats that keep documents keep numbers as they were written. */
  readonly text?: string | undefined
  /** Ids of the records that come without one; hand the same to all documents of a source. */
  readonly ids: ContentIds
}

/** A kind of document that tracehold reads. */
export interface Format {
  /** Whether a document, or an item of a list of documents, is of this format. */
  readonly detect: (document: unknown) => boolean
  /**
   * The records of a document.
   *
   * @param source what is known of where the document comes from
   */
  readonly read: (document: unknown, source: DocumentSource) => ReadResult
}

/** The formats in a few words, for messages. */
export const knownFormats =
  'OTLP/JSON (traces, logs and metrics), spans of the AI SDK and of OpenAI Agents, and documents of selectools and agentprobe'

/** The formats, in the order in which a document is offered to them. */
export const formats: readonly Format[] = [
  {
    detect: (document) => isObject(document) && ('resourceSpans' in document || 'resource_spans' in document),
    read: readOtlp,
  },
  {
    detect: (document) => isObject(document) && ('resourceLogs' in document || 'resource_logs' in document),
    read: (document, { ids }) => readOtlpLogs(document, ids),
  },
  {
    detect: (document) => isObject(document) && ('resourceMetrics' in document || 'resource_metrics' in document),
    read: (document, { ids }) => readOtlpMetrics(document, ids),
  },
  {
    detect: (document) =>
      isObject(document) &&
      ('spanContext' in document ||
        '_spanContext' in document ||
        ('traceId' in document && isList(document.startTime))),
    read: readAiSdk,
  },
  { detect: isAgentsItem, read: readAgentsItem },
  { detect: isSelectools, read: (document, { text }) => readSelectools(document, text) },
  { detect: isAgentprobeTrace, read: (document, { text }) => readAgentprobe(document, text) },
  { detect: isAgentprobeResult, read: (document, { text }) => readAgentprobeResult(document, text) },
  { detect: isAgentprobeMetric, read: (document, { text }) => readAgentprobeMetric(document, text) },
]

const isList = (value: unknown) => Array.isArray(value)

/**
 * The records of a document of any known format, or of a list of such documents. Parts of a wrong
 * shape are left out and listed in `rejected`.
 *
 * @param document the parsed JSON
 * @param source its text, where it is known, and the ids of the source that it is part of. @default a source of its own
 * @throws FormatError when the document is of no known format
 */
export function readRecords(document: unknown, source: DocumentSource = { ids: new ContentIds() }): ReadResult {
  if (!Array.isArray(document)) return readAs(formatOf(document), document, source)
  const all = emptyResult()
  let understood = document.length === 0
  document.forEach((item, i) => {
    const format = formats.find((each) => each.detect(item))
    if (format === undefined) {
      all.rejected.push({ path: `[${i}]`, reason: `is ${described(item)}, which is no format that tracehold reads` })
      return
    }
    understood = true
    append(all, readAs(format, item, { ids: source.ids }), `[${i}]`)
  })
  // No item is of a known format: the whole document is refused.
  if (!understood) formatOf(document[0])
  return all
}

function readAs(format: Format, document: unknown, source: DocumentSource): ReadResult {
  try {
    return format.read(document, source)
  } catch (error) {
    return { ...emptyResult(), rejected: [{ path: '', reason: unreadable(error).message }] }
  }
}

function append(all: ReadResult, part: ReadResult, path: string): void {
  for (const entity of entities) appendRecords(all, part, entity)
  for (const [key, reading] of part.readings ?? []) mergeReading(all, key, reading)
  if (part.derived) all.derived = [...(all.derived ?? []), ...part.derived]
  if (part.runs) all.runs = [...(all.runs ?? []), ...part.runs]
  for (const { path: inner, reason } of part.rejected) {
    all.rejected.push({ path: inner === '' ? path : `${path}.${inner}`, reason })
  }
  for (const { path: inner, reason } of part.repaired) all.repaired.push({ path: `${path}.${inner}`, reason })
}

function appendRecords<E extends Entity>(all: Records, part: Records, entity: E): void {
  const records: Records[E][number][] = all[entity]
  for (const record of part[entity]) records.push(record)
}

function formatOf(document: unknown): Format {
  const format = formats.find((each) => each.detect(document))
  if (format !== undefined) return format
  throw new FormatError(
    `Found ${described(document)}, which is no format that tracehold reads. It reads ${knownFormats}.`,
  )
}

/** What a document is, in words, without anything of its content. */
function described(document: unknown): string {
  if (Array.isArray(document)) return 'a list'
  if (document === null) return 'null'
  if (!isObject(document)) return `a ${typeof document}`
  const members = Object.keys(document).length
  return `an object of ${members} ${members === 1 ? 'member' : 'members'} without "resourceSpans" or "spanContext"`
}
