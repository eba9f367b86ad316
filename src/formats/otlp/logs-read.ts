import type { AttributeTypes } from '../../../schema/values.ts'
import { Micros, microsOrNull } from '../../rows/micros.ts'
import type { LogRecord } from '../../rows/records.ts'
import { ContentIds } from '../content-id.ts'
import type { ReadResult } from '../read-result.ts'
import { absent, optionalCount, optionalText, requiredObject, ShapeError } from '../shape-error.ts'
import { evaluationOf } from './evaluation.ts'
import { lowerHex, microsFromNanos } from './fields.ts'
import { originColumn } from './origin-column.ts'
import { readAttributes, readMember } from './read-value.ts'
import type { Origin } from './span-record.ts'
import { TypeNotes } from './type-notes.ts'
import { walkOtlp } from './walk.ts'

const signal = { top: 'resourceLogs', scoped: 'scopeLogs', items: 'logRecords' } as const

/**
 * The records of one OTLP/JSON `ExportLogsServiceRequest` (`{ "resourceLogs": […] }`). Evaluation events are results as
 * well.
 *
 * @param document the parsed JSON
 */
export function readOtlpLogs(document: unknown): ReadResult {
  const ids = new ContentIds()
  return walkOtlp(document, signal, (result) => (item, origin, types) => {
    const content = readLogRecord(item, origin, types)
    const log = { logId: ids.idOf(content), ...content }
    result.logs.push(log)
    const evaluation = evaluationOf(log.eventName, log, origin, { key: `log ${log.logId}` })
    if (evaluation) result.results.push(evaluation)
  })
}

function readLogRecord(
  value: unknown,
  { resource, scope }: Origin,
  types: AttributeTypes | null,
): Omit<LogRecord, 'logId'> {
  const record = requiredObject(value, '')
  const notes = new TypeNotes()
  notes.addAll(types)
  const happened = microsFromNanos(record.timeUnixNano, 'timeUnixNano')
  const observed = microsFromNanos(record.observedTimeUnixNano, 'observedTimeUnixNano')
  // A record without a time has the time at which it was observed.
  if (happened === 0) notes.add('/time', 'empty')
  const body = absent(record.body) ? null : readMember(record.body, 'body', 'body', notes)
  const attributes = readAttributes(record.attributes, 'attributes', '/attributes', notes)
  const described = resource?.attributes ?? {}
  return {
    time: new Micros(happened || observed),
    observedTime: microsOrNull(observed || null),
    severity: severityOf(record.severityNumber) || null,
    severityText: optionalText(record.severityText, 'severityText') || null,
    body,
    eventName: optionalText(record.eventName, 'eventName') || null,
    traceId: lowerHex(optionalText(record.traceId, 'traceId')) || null,
    spanId: lowerHex(optionalText(record.spanId, 'spanId')) || null,
    flags: optionalCount(record.flags, 'flags') || null,
    serviceName: originColumn(described, 'serviceName'),
    environment: originColumn(described, 'environment'),
    attributes,
    attributeTypes: notes.types,
    droppedAttributesCount: optionalCount(record.droppedAttributesCount, 'droppedAttributesCount') || null,
    resource,
    scope,
  }
}

const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']

/** A severity's number, given as it or by its protobuf name (`SEVERITY_NUMBER_INFO2` is 10). */
function severityOf(value: unknown): number {
  if (typeof value !== 'string' || /^\d+$/.test(value)) return optionalCount(value, 'severityNumber')
  const [, name = '', step = '1'] = /^SEVERITY_NUMBER_([A-Z]+)([2-4])?$/.exec(value) ?? []
  if (name === 'UNSPECIFIED') return 0
  const level = levels.indexOf(name)
  if (level < 0) throw new ShapeError('severityNumber', 'is not a severity')
  return level * 4 + Number(step)
}
