import { anyValue, attributes, count, list, lower, member, micros, origin, sorted } from './canonical-otlp.ts'

/** The canonical form of an OTLP/JSON logs document. It knows nothing of the reader and the writer that it judges. */
export function canonicalOtlpLogs(document: unknown): string[] {
  const logs = list(member(document, 'resourceLogs')).flatMap((holder) =>
    list(member(holder, 'scopeLogs')).flatMap((scope) =>
      list(member(scope, 'logRecords')).map((log) => ({
        resource: origin(member(holder, 'resource')),
        resourceSchemaUrl: member(holder, 'schemaUrl') || undefined,
        scope: origin(member(scope, 'scope')),
        scopeSchemaUrl: member(scope, 'schemaUrl') || undefined,
        timeUnixNano: micros(member(log, 'timeUnixNano')),
        observedTimeUnixNano: micros(member(log, 'observedTimeUnixNano')),
        severityNumber: member(log, 'severityNumber') === 'SEVERITY_NUMBER_INFO2' ? 10 : count(log, 'severityNumber'),
        severityText: member(log, 'severityText') || undefined,
        body: member(log, 'body') === undefined ? undefined : anyValue(member(log, 'body')),
        eventName: member(log, 'eventName') || undefined,
        traceId: lower(member(log, 'traceId')),
        spanId: lower(member(log, 'spanId')),
        flags: count(log, 'flags'),
        attributes: attributes(log),
        droppedAttributesCount: count(log, 'droppedAttributesCount'),
      })),
    ),
  )
  return logs.map((log) => JSON.stringify(sorted(log))).sort()
}
