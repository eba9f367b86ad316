import type { ContentIds } from '../formats/content-id.ts'
import { readOtlpLogs } from '../formats/otlp/logs-read.ts'
import type { ReadResult } from '../formats/read-result.ts'
import { anyValue, keyValues } from './any-value.ts'
import { grouped, located, resourceOf, scopeOf } from './origins.ts'
import type { ReadableLogRecord } from './sdk.ts'

/**
 * The records of log records, as the importer reads them from the request that the SDK's own exporter sends.
 *
 * @param first the place of the first among the log records of the export
 * @param ids of everything that the exporter sends: equal records of one moment are several
 */
export function readLogs(logs: readonly ReadableLogRecord[], first: number, ids: ContentIds): ReadResult {
  const byOrigin = grouped(logs, (log) => log.instrumentationScope, otlpLogRecord)
  const resourceLogs = Array.from(byOrigin.groups, ([resource, ofResource]) => ({
    ...resourceOf(resource),
    scopeLogs: Array.from(ofResource, ([scope, { items }]) => ({ ...scopeOf(scope), logRecords: items })),
  }))
  return located(readOtlpLogs({ resourceLogs }, ids), 'logs', byOrigin, first)
}

const otlpLogRecord = (log: ReadableLogRecord): object => ({
  timeUnixNano: log.hrTime,
  observedTimeUnixNano: log.hrTimeObserved,
  severityNumber: log.severityNumber,
  severityText: log.severityText,
  body: anyValue(log.body),
  eventName: log.eventName,
  attributes: keyValues(log.attributes),
  droppedAttributesCount: log.droppedAttributesCount,
  flags: log.spanContext?.traceFlags,
  traceId: log.spanContext?.traceId,
  spanId: log.spanContext?.spanId,
})
