// One generation of the OpenTelemetry SDK (1, 2 or 3), set up from the packages of its folder in the same way.
import { createRequire } from 'node:module'

const requireOf = {
  1: createRequire(new URL('otel-1/package.json', import.meta.url)),
  2: createRequire(import.meta.url),
  3: createRequire(new URL('otel-3/package.json', import.meta.url)),
}

/** The packages of a generation, with what differs between them evened out. */
export function openTelemetryOf(generation) {
  const load = (name) => requireOf[generation](`@opentelemetry/${name}`)
  const api = load('api')
  const { Resource, resourceFromAttributes } = load('resources')
  const tracing = load(generation === 3 ? 'sdk-trace' : 'sdk-trace-base')
  const { AsyncLocalStorageContextManager } = load('context-async-hooks')
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const attributes = { 'service.name': 'instrumentations', 'service.version': '1.2.3' }
  const late = Promise.resolve('host-1')
  return {
    api,
    load,
    /** `host.name` is known only after the resource is made. */
    resource:
      generation === 1
        ? new Resource(
            attributes,
            late.then((name) => ({ 'host.name': name })),
          )
        : resourceFromAttributes({ ...attributes, 'host.name': late }),
    TracerProvider: generation === 3 ? tracing.TracerProvider : tracing.BasicTracerProvider,
    serializers: load('otlp-transformer'),
  }
}

/** Keeps the spans, the logs and the metrics that `work` makes with a tracer, a logger and a meter. */
export async function recordSignals(
  openTelemetry,
  generation,
  { spanProcessors = [], logRecordProcessors = [], metricExporters = [] },
  work,
) {
  const { resource, TracerProvider, load } = openTelemetry
  const spans = []
  const logs = []
  const nothing = { onStart() {}, onEnding() {}, forceFlush: async () => {}, shutdown: async () => {} }
  const keepsSpans = { ...nothing, onEnd: (span) => void spans.push(span) }
  const keepsLogs = { ...nothing, onEmit: (record) => void logs.push(record) }
  const spanLimits = { attributeCountLimit: 20, eventCountLimit: 5, linkCountLimit: 3 }
  const tracers = new TracerProvider({ resource, spanLimits, spanProcessors: [keepsSpans, ...spanProcessors] })
  const loggers = loggerProvider(load, resource, [keepsLogs, ...logRecordProcessors])
  const { reader, meters } = meterProvider(load, generation, resource)
  await work({
    tracer: tracers.getTracer('my-app', '1.2.3', { schemaUrl: 'https://opentelemetry.io/schemas/1.36.0' }),
    logger: loggers.getLogger('my-app', '1.2.3'),
    meter: meters.getMeter('my-app', '1.2.3'),
  })
  await Promise.all([tracers.forceFlush(), loggers.forceFlush()])
  const { resourceMetrics } = await reader.collect()
  for (const exporter of metricExporters) await new Promise((done) => exporter.export(resourceMetrics, done))
  return { spans, logs, metrics: resourceMetrics }
}

function loggerProvider(load, resource, processors) {
  const { LoggerProvider } = load('sdk-logs')
  const provider = new LoggerProvider({ resource, processors })
  // 1.x takes no processors when it is made.
  if (provider.addLogRecordProcessor) for (const processor of processors) provider.addLogRecordProcessor(processor)
  return provider
}

function meterProvider(load, generation, resource) {
  const metrics = load('sdk-metrics')
  class ManualReader extends metrics.MetricReader {
    async onForceFlush() {}
    async onShutdown() {}
  }
  const reader = new ManualReader()
  const instrumentName = 'queue.wait'
  const exponential =
    generation === 1
      ? new metrics.View({ instrumentName, aggregation: new metrics.ExponentialHistogramAggregation() })
      : { instrumentName, aggregation: { type: metrics.AggregationType.EXPONENTIAL_HISTOGRAM } }
  return { reader, meters: new metrics.MeterProvider({ resource, readers: [reader], views: [exponential] }) }
}
