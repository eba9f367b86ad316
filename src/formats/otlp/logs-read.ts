import { Micros, microsOrNull } from '../../rows/micros.ts'
import type { LogRecord } from '../../rows/records.ts'
import { ContentIds } from '../content-id.ts'
import type { ReadResult } from '../read-result.ts'
import { absent, optionalCount, ShapeError, type Unknowns } from '../shape-error.ts'
import { spanOfLog } from './derived/log-spans.ts'
import { evaluationOf } from './evaluation.ts'
import { readCount, readId, readText, readTime, spanIdBytes, traceIdBytes } from './fields.ts'
import { originColumn } from './origin-column.ts'
import { readAttributes, readMember } from './read-value.ts'
import { severityOfText } from './severity.ts'
import type { Origin } from './span-record.ts'
import type { TypeNotes } from './type-notes.ts'
import { walkOtlp } from './walk.ts'

const signal = {
  top: 'resourceLogs',
  scoped: 'scopeLogs',
  items: 'logRecords',
  old: ['instrumentationLibraryLogs', 'logs'],
} as const

/**
 * The records of one OTLP/JSON `ExportLogsServiceRequest` (`{ "resourceLogs": […] }`). Evaluation events are results as
 * well.
 *
 * @param document the parsed JSON
 * @param ids of the source that the document is part of
 */
export function readOtlpLogs(document: unknown, ids = new ContentIds()): ReadResult {
  return walkOtlp(document, signal, (result) => (item, origin, notes) => {
    const content = readLogRecord(item, origin, notes)
    const log = { logId: ids.idOf(content), ...content }
    result.logs.push(log)
    const span = spanOfLog(log, origin)
    if (span !== undefined) {
      result.derived ??= []
      result.derived.push(span)
    }
    const evaluation = evaluationOf(log.eventName, log, origin, { key: `log ${log.logId}` })
    if (evaluation) result.results.push(evaluation)
  })
}

function readLogRecord(record: Unknowns, { resource, scope }: Origin, notes: TypeNotes): Omit<LogRecord, 'logId'> {
  const happened = readTime(record, 'timeUnixNano', notes)
  const observed = readTime(record, 'observedTimeUnixNano', notes)
  // Without a time of its own a record is where it was observed.
  if (happened === 0) notes.add('/time', 'empty')
  const body = absent(record.body) ? null : readMember(record.body, 'body', 'body', notes)
  const attributes = readAttributes(record.attributes, 'attributes', '/attributes', notes)
  const severityText = readText(record, 'severityText', notes)
  const severity = readSeverity(record, severityText, notes)
  const described = resource?.attributes ?? {}
  return {
    time: new Micros(happened || observed),
    observedTime: microsOrNull(observed || null),
    severity: severity || null,
    severityText: severityText || null,
    body,
    eventName: readText(record, 'eventName', notes) || null,
    traceId: readId(record, 'traceId', traceIdBytes, notes) || null,
    spanId: readId(record, 'spanId', spanIdBytes, notes) || null,
    flags: readCount(record, 'flags', notes) || null,
    serviceName: originColumn(described, 'serviceName'),
    environment: originColumn(described, 'environment'),
    attributes,
    attributeTypes: notes.types,
    droppedAttributesCount: readCount(record, 'droppedAttributesCount', notes) || null,
    resource,
    scope,
  }
}

/**
 * A severity's number, given as it or by its protobuf name (`SEVERITY_NUMBER_INFO2` is 10). Where there is none, the
 * text says it, and it is noted that the number was not there.
 */
function readSeverity(record: Unknowns, text: string, notes: TypeNotes): number {
  const value = record.severityNumber
  const number = absent(value) ? 0 : notes.detail('severityNumber', 0, () => severityOfNumber(value))
  if (number > 0) return number
  const said = severityOfText(text)
  if (said === undefined) return 0
  notes.add('/severity', 'empty')
  return said
}

function severityOfNumber(value: unknown): number {
  if (typeof value === 'string' && !/^\d+$/.test(value)) {
    const name = value.replace(/^SEVERITY_NUMBER_/i, '')
    const number = name.toUpperCase() === 'UNSPECIFIED' ? 0 : severityOfText(name)
    if (number !== undefined) return number
  }
  const number = optionalCount(value, '')
  if (number <= greatestSeverity) return number
  throw new ShapeError('', 'is no severity from 1 to 24')
}

const greatestSeverity = 24
