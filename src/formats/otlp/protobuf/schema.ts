import { choice, fill, type Message, many, message, one } from './message.ts'

// The messages of opentelemetry/proto (1.x), with the numbers that they have there and the names of OTLP/JSON.
// test/formats/protobuf holds them equal to code that is generated from the official schema.

const anyValue = message({})
const keyValue = message({ 1: one('key', 'string'), 2: one('value', anyValue) })
fill(anyValue, {
  1: choice('stringValue', 'string'),
  2: choice('boolValue', 'bool'),
  3: choice('intValue', 'int64'),
  4: choice('doubleValue', 'double'),
  5: choice('arrayValue', message({ 1: many('values', anyValue) })),
  6: choice('kvlistValue', message({ 1: many('values', keyValue) })),
  7: choice('bytesValue', 'base64'),
})

const entityRef = message({
  1: one('schemaUrl', 'string'),
  2: one('type', 'string'),
  3: many('idKeys', 'string'),
  4: many('descriptionKeys', 'string'),
})
const resource = message({
  1: many('attributes', keyValue),
  2: one('droppedAttributesCount', 'uint32'),
  3: many('entityRefs', entityRef),
})
const scope = message({
  1: one('name', 'string'),
  2: one('version', 'string'),
  3: many('attributes', keyValue),
  4: one('droppedAttributesCount', 'uint32'),
})

/** A request: resources, in them scopes, in them items. */
function request(top: string, scoped: string, items: string, item: Message): Message {
  const ofScope = message({ 1: one('scope', scope), 2: many(items, item), 3: one('schemaUrl', 'string') }, items)
  const ofResource = { 1: one('resource', resource), 2: many(scoped, ofScope), 3: one('schemaUrl', 'string') }
  return message({ 1: many(top, message(ofResource, scoped)) }, top)
}

const event = message({
  1: one('timeUnixNano', 'nanos'),
  2: one('name', 'string'),
  3: many('attributes', keyValue),
  4: one('droppedAttributesCount', 'uint32'),
})
const link = message({
  1: one('traceId', 'hex'),
  2: one('spanId', 'hex'),
  3: one('traceState', 'string'),
  4: many('attributes', keyValue),
  5: one('droppedAttributesCount', 'uint32'),
  6: one('flags', 'fixed32'),
})
const span = message({
  1: one('traceId', 'hex'),
  2: one('spanId', 'hex'),
  3: one('traceState', 'string'),
  4: one('parentSpanId', 'hex'),
  5: one('name', 'string'),
  6: one('kind', 'int32'),
  7: one('startTimeUnixNano', 'nanos'),
  8: one('endTimeUnixNano', 'nanos'),
  9: many('attributes', keyValue),
  10: one('droppedAttributesCount', 'uint32'),
  11: many('events', event),
  12: one('droppedEventsCount', 'uint32'),
  13: many('links', link),
  14: one('droppedLinksCount', 'uint32'),
  15: one('status', message({ 2: one('message', 'string'), 3: one('code', 'int32') })),
  16: one('flags', 'fixed32'),
})

const logRecord = message({
  1: one('timeUnixNano', 'nanos'),
  2: one('severityNumber', 'int32'),
  3: one('severityText', 'string'),
  5: one('body', anyValue),
  6: many('attributes', keyValue),
  7: one('droppedAttributesCount', 'uint32'),
  8: one('flags', 'fixed32'),
  9: one('traceId', 'hex'),
  10: one('spanId', 'hex'),
  11: one('observedTimeUnixNano', 'nanos'),
  12: one('eventName', 'string'),
})

const exemplar = message({
  2: one('timeUnixNano', 'nanos'),
  3: choice('asDouble', 'double'),
  4: one('spanId', 'hex'),
  5: one('traceId', 'hex'),
  6: choice('asInt', 'sfixed64'),
  7: many('filteredAttributes', keyValue),
})
const times = { 2: one('startTimeUnixNano', 'nanos'), 3: one('timeUnixNano', 'nanos') }
const numberPoint = message({
  ...times,
  4: choice('asDouble', 'double'),
  5: many('exemplars', exemplar),
  6: choice('asInt', 'sfixed64'),
  7: many('attributes', keyValue),
  8: one('flags', 'uint32'),
})
const histogramPoint = message({
  ...times,
  4: one('count', 'fixed64'),
  5: one('sum', 'double'),
  6: many('bucketCounts', 'fixed64'),
  7: many('explicitBounds', 'double'),
  8: many('exemplars', exemplar),
  9: many('attributes', keyValue),
  10: one('flags', 'uint32'),
  11: one('min', 'double'),
  12: one('max', 'double'),
})
const buckets = message({ 1: one('offset', 'sint32'), 2: many('bucketCounts', 'uint64') })
const exponentialPoint = message({
  1: many('attributes', keyValue),
  ...times,
  4: one('count', 'fixed64'),
  5: one('sum', 'double'),
  6: one('scale', 'sint32'),
  7: one('zeroCount', 'fixed64'),
  8: one('positive', buckets),
  9: one('negative', buckets),
  10: one('flags', 'uint32'),
  11: many('exemplars', exemplar),
  12: one('min', 'double'),
  13: one('max', 'double'),
  14: one('zeroThreshold', 'double'),
})
const summaryPoint = message({
  ...times,
  4: one('count', 'fixed64'),
  5: one('sum', 'double'),
  6: many('quantileValues', message({ 1: one('quantile', 'double'), 2: one('value', 'double') })),
  7: many('attributes', keyValue),
  8: one('flags', 'uint32'),
})

/** The points of a metric, and how they are to be added. */
const points = (point: Message) => message({ 1: many('dataPoints', point) })
const added = (point: Message) => fill(points(point), { 2: one('aggregationTemporality', 'int32') })
const metric = message({
  1: one('name', 'string'),
  2: one('description', 'string'),
  3: one('unit', 'string'),
  5: choice('gauge', points(numberPoint)),
  7: choice('sum', fill(added(numberPoint), { 3: one('isMonotonic', 'bool') })),
  9: choice('histogram', added(histogramPoint)),
  10: choice('exponentialHistogram', added(exponentialPoint)),
  11: choice('summary', points(summaryPoint)),
  12: many('metadata', keyValue),
})

/** What the OTLP requests of each signal hold. */
export const requests = {
  traces: request('resourceSpans', 'scopeSpans', 'spans', span),
  logs: request('resourceLogs', 'scopeLogs', 'logRecords', logRecord),
  metrics: request('resourceMetrics', 'scopeMetrics', 'metrics', metric),
} as const
