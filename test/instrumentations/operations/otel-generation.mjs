// A run of one generation of OpenTelemetry: its signals as objects, as OTLP/JSON, and as its stock exporters send them.
import { toOtlp } from '../open-telemetry.mjs'
import { openTelemetryOf, recordSignals } from '../otel-generation.mjs'
import { sendBy, startReceiver } from '../otlp-receiver.mjs'
import { makeSignals } from './otel-signals.mjs'

/** The signals whose stock exporters are installed for the generation. */
const exported = { 1: ['trace'], 2: ['trace', 'logs', 'metrics'], 3: ['trace'] }

export async function runGeneration(generation, attached = {}) {
  const openTelemetry = openTelemetryOf(generation)
  const signals = await recordSignals(openTelemetry, generation, attached, (makers) =>
    makeSignals(openTelemetry.api, makers),
  )
  await openTelemetry.resource.waitForAsyncAttributes?.()
  const { JsonTraceSerializer, JsonLogsSerializer, JsonMetricsSerializer } = openTelemetry.serializers
  const requests = await sendByStockExporters(openTelemetry.load, exported[generation], signals)
  const { spans, logs, metrics } = signals
  return {
    spans,
    otlp: toOtlp(JsonTraceSerializer, spans),
    logs: { count: logs.length, otlp: toOtlp(JsonLogsSerializer, logs) },
    metrics: { otlp: toOtlp(JsonMetricsSerializer, metrics) },
    requests,
    expected: { operations: [{ name: 'signals', traceIds: [...new Set(spans.map(traceIdOf))] }] },
  }
}

/** JSON and protobuf, plain and compressed. */
async function sendByStockExporters(load, names, { spans, logs, metrics }) {
  const receiver = await startReceiver()
  const records = { trace: spans, logs, metrics }
  const classes = { trace: 'OTLPTraceExporter', logs: 'OTLPLogExporter', metrics: 'OTLPMetricExporter' }
  const paths = { trace: 'traces', logs: 'logs', metrics: 'metrics' }
  try {
    for (const name of names) {
      for (const encoding of ['http', 'proto']) {
        const Exporter = load(`exporter-${name}-otlp-${encoding}`)[classes[name]]
        for (const compression of ['none', 'gzip']) {
          const url = `${receiver.url}/v1/${paths[name]}`
          await sendBy(new Exporter({ url, compression, headers: { 'x-test': 'yes' } }), records[name])
        }
      }
    }
    return receiver.requests
  } finally {
    await receiver.close()
  }
}

function traceIdOf(span) {
  return span.spanContext().traceId
}
