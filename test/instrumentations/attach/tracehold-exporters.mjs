// Stores what a run emits by the exporters of tracehold/otel, in every database that TRACEHOLD_URLS names (JSON). Each
// `attached` value is what became of it: the outcome of every export, and the exporters' counts.
import {
  TraceholdLogRecordExporter,
  TraceholdMetricExporter,
  TraceholdSpanExporter,
  TraceholdSpanProcessor,
} from '../../../dist/src/otel/index.js'

export async function attach(run) {
  const urls = JSON.parse(process.env.TRACEHOLD_URLS)
  const parts = await Promise.all(urls.map((url) => (run === 'node-sdk' ? byNodeSdk(url) : byProcessors(url))))
  const keys = [...new Set(parts.flatMap((part) => Object.keys(part)))]
  return Object.fromEntries(keys.map((key) => [key, parts.flatMap((part) => part[key] ?? [])]))
}

function exportersOf(url) {
  // All three share one store.
  const options = { url, migrate: true }
  return {
    spans: new TraceholdSpanExporter(options),
    logs: new TraceholdLogRecordExporter(options),
    metrics: new TraceholdMetricExporter(options),
  }
}

/** As an application's instrumentation file has them; the SDK shuts them down. */
async function byNodeSdk(url) {
  const { BatchLogRecordProcessor } = await import('@opentelemetry/sdk-logs')
  const { PeriodicExportingMetricReader } = await import('@opentelemetry/sdk-metrics')
  const { spans, logs, metrics } = exportersOf(url)
  return {
    spanExporters: [spans],
    logRecordProcessors: [new BatchLogRecordProcessor({ exporter: logs })],
    metricReaders: [new PeriodicExportingMetricReader({ exporter: metrics })],
    finish: () => ({ url, spans: spans.stats(), logs: logs.stats(), metrics: metrics.stats() }),
  }
}

/** Without a class of any generation of the SDK. The span processor stores in a project of its own, `live`. */
function byProcessors(url) {
  const { spans, logs, metrics } = exportersOf(url)
  const outcomes = []
  const live = new TraceholdSpanProcessor({ url, migrate: true, projectId: 'live', delayMs: 0 })
  const told = (result) => void outcomes.push(result.error?.message ?? result.code)
  const idle = { onStart() {}, onEnding() {}, forceFlush: async () => {}, shutdown: async () => {} }
  return {
    spanProcessors: [{ ...idle, onEnd: (span) => spans.export([span], told) }, live],
    logRecordProcessors: [{ ...idle, onEmit: (record) => logs.export([record], told) }],
    metricExporters: [metrics],
    finish: async () => {
      for (const exporter of [spans, logs, metrics, live]) await exporter.shutdown()
      return { url, outcomes, spans: spans.stats(), logs: logs.stats(), metrics: metrics.stats() }
    },
  }
}
