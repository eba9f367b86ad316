import type { LogRow } from '../../../schema/tables.ts'
import type { OtlpAnyValue, OtlpKeyValue } from './document.ts'
import { nanosFromIso } from './fields.ts'
import { groupByOrigin, type OtlpOrigin } from './origin-groups.ts'
import { writeAttributes, writeKeyValue } from './write-value.ts'

/** An OTLP/JSON logs document in canonical form. See opentelemetry/proto/collector/logs/v1. */
export interface OtlpLogsDocument {
  resourceLogs: {
    resource?: OtlpOrigin
    scopeLogs: { scope?: OtlpOrigin; logRecords: OtlpLogRecord[]; schemaUrl?: string }[]
    schemaUrl?: string
  }[]
}

/** One log record. */
export interface OtlpLogRecord {
  timeUnixNano?: string
  observedTimeUnixNano?: string
  severityNumber?: number
  severityText?: string
  body?: OtlpAnyValue
  attributes?: OtlpKeyValue[]
  droppedAttributesCount?: number
  flags?: number
  traceId?: string
  spanId?: string
  eventName?: string
}

/** A log record as the database gives it back. */
export type StoredLog = Omit<LogRow, 'projectId' | 'rowNumber' | 'searchText' | 'writtenAt' | 'commitSeq'>

/** One OTLP/JSON `ExportLogsServiceRequest` of log records, grouped by resource and then by scope. */
export const writeOtlpLogs = (logs: readonly StoredLog[]): OtlpLogsDocument => ({
  resourceLogs: groupByOrigin(logs).map(({ head, scopes }) => ({
    ...head,
    scopeLogs: Array.from(scopes.values(), (scope) => ({ ...scope.head, logRecords: scope.rows.map(writeLogRecord) })),
  })),
})

function writeLogRecord(log: StoredLog): OtlpLogRecord {
  const { observedTime, severity, severityText, eventName, traceId, spanId, flags, attributeTypes: types } = log
  const body = writeKeyValue('body', log.body ?? (types?.['/body'] ? null : log.bodyText), '/body', types).value
  const attributes = writeAttributes(log.attributes, '/attributes', types)
  return {
    ...(types?.['/time'] !== 'empty' && { timeUnixNano: nanosFromIso(log.time) }),
    ...(observedTime !== null && { observedTimeUnixNano: nanosFromIso(observedTime) }),
    ...(severity !== null && types?.['/severity'] !== 'empty' && { severityNumber: severity }),
    ...(severityText && { severityText }),
    ...(body !== undefined && { body }),
    ...(attributes.length > 0 && { attributes }),
    ...(log.droppedAttributesCount && { droppedAttributesCount: log.droppedAttributesCount }),
    ...(flags && { flags }),
    ...(traceId && { traceId }),
    ...(spanId && { spanId }),
    ...(eventName && { eventName }),
  }
}
