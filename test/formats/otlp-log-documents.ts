import fc from 'fast-check'
import * as otlp from './otlp-documents.ts'

const nanos = fc.oneof(fc.constantFrom('0', 0), fc.bigInt({ min: 1000n, max: 9_007_199_254_740_991_999n }).map(String))

const logRecord = fc.record(
  {
    timeUnixNano: nanos,
    observedTimeUnixNano: nanos,
    severityNumber: fc.oneof(fc.integer({ min: 0, max: 24 }), fc.constantFrom('SEVERITY_NUMBER_INFO2')),
    severityText: otlp.text,
    body: otlp.anyValue,
    eventName: otlp.text,
    traceId: fc.oneof(fc.constant(''), otlp.hexId(32)),
    spanId: fc.oneof(fc.constant(''), otlp.hexId(16)),
    flags: otlp.uint32,
    ...otlp.attributed,
  },
  otlp.optional,
)

const scopeLogs = fc.record(
  {
    scope: fc.record({ name: otlp.text, version: otlp.text, ...otlp.attributed }, otlp.optional),
    logRecords: fc.array(logRecord, { maxLength: 4 }),
    schemaUrl: otlp.text,
  },
  { requiredKeys: ['logRecords'] },
)

/** Any `ExportLogsServiceRequest`. */
export const otlpLogDocuments = fc.record({
  resourceLogs: fc.array(
    fc.record(
      {
        resource: fc.record(otlp.attributed, otlp.optional),
        scopeLogs: fc.array(scopeLogs, { maxLength: 2 }),
        schemaUrl: otlp.text,
      },
      { requiredKeys: ['scopeLogs'] },
    ),
    { maxLength: 3 },
  ),
})
