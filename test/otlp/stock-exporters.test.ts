import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufLogs } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as ProtobufMetrics } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { AggregationType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { describeBackends } from '../backends.ts'
import { runServe } from '../cli/run-serve.ts'
import { storedTables } from './stored-tables.ts'

const resource = resourceFromAttributes({ 'service.name': 'airline', 'host.cpus': 4 })
const instrumentation = 'airline.instrumentation'

/** An agent that calls a model and a tool, which fails. */
function spans() {
  const memory = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(memory)] })
  const tracer = provider.getTracer(instrumentation, '1.2.3')
  const agent = tracer.startSpan('invoke_agent airline', { attributes: { 'gen_ai.agent.name': 'airline' } })
  const inside = trace.setSpan(ROOT_CONTEXT, agent)
  const call = tracer.startSpan(
    'chat gpt-4o',
    {
      kind: SpanKind.CLIENT,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 500,
        'gen_ai.usage.output_tokens': 20,
        'gen_ai.response.finish_reasons': ['stop'],
        temperature: 0.5,
        seed: -7,
        streamed: true,
      },
      links: [{ context: agent.spanContext(), attributes: { why: 'a link' } }],
    },
    inside,
  )
  call.addEvent('first chunk', { size: 12 })
  call.end()
  const tool = tracer.startSpan('execute_tool search', { attributes: { 'gen_ai.tool.name': 'search' } }, inside)
  tool.recordException(new TypeError('no flights'))
  tool.setStatus({ code: SpanStatusCode.ERROR, message: 'no flights' })
  tool.end()
  agent.end()
  return memory.getFinishedSpans()
}

function logRecords() {
  const memory = new InMemoryLogRecordExporter()
  const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor(memory)] })
  const logger = provider.getLogger(instrumentation, '1.2.3')
  logger.emit({ severityNumber: 9, severityText: 'INFO', body: 'a booking', attributes: { seats: 2 } })
  logger.emit({ eventName: 'booking.refused', body: { seat: '12A', tries: [1, 2] }, severityNumber: 17 })
  return memory.getFinishedLogRecords()
}

class OnDemandReader extends MetricReader {
  protected onForceFlush = async () => {}
  protected onShutdown = async () => {}
}

async function metrics() {
  const reader = new OnDemandReader()
  const views = [{ instrumentName: 'size', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } } as const]
  const meter = new MeterProvider({ resource, readers: [reader], views }).getMeter(instrumentation, '1.2.3')
  meter.createCounter('bookings', { unit: '1', description: 'Bookings made' }).add(3, { team: 'a' })
  meter.createUpDownCounter('open').add(-2.5)
  meter.createObservableGauge('temperature').addCallback((result) => result.observe(21.5))
  for (const value of [0, 4, 700]) meter.createHistogram('latency', { unit: 'ms' }).record(value)
  for (const value of [0.1, 12]) meter.createHistogram('size').record(value)
  return (await reader.collect()).resourceMetrics
}

interface Exporter<T> {
  export(items: T, done: (result: { code: number; error?: Error }) => void): void
  shutdown(): Promise<void>
}

/** Sends these items, and answers with the code of the result: 0 is success. */
async function exported<T>(exporter: Exporter<T>, items: T): Promise<number> {
  const code = await new Promise<number>((resolve) => exporter.export(items, (result) => resolve(result.code)))
  await exporter.shutdown()
  return code
}

describeBackends('tracehold serve, and the exporters of OpenTelemetry', (backend) => {
  it('stores the same rows of JSON and of protobuf, plain and in gzip', async () => {
    const { base, lines } = await runServe(['--db', backend.url(), '--project-header', 'x-project', '--token', 'key'])
    const options = (signal: string, project: string, compression?: 'gzip') => ({
      url: `${base}/v1/${signal}`,
      headers: { authorization: 'Bearer key', 'x-project': project },
      ...(compression && { compression: compression as never }),
    })
    const [ofSpans, ofLogs, ofMetrics] = [spans(), logRecords(), await metrics()]
    expect(await exported(new JsonTraces(options('traces', 'json')), ofSpans)).toBe(0)
    expect(await exported(new JsonLogs(options('logs', 'json')), ofLogs)).toBe(0)
    expect(await exported(new JsonMetrics(options('metrics', 'json', 'gzip')), ofMetrics)).toBe(0)
    expect(await exported(new ProtobufTraces(options('traces', 'protobuf', 'gzip')), ofSpans)).toBe(0)
    expect(await exported(new ProtobufLogs(options('logs', 'protobuf', 'gzip')), ofLogs)).toBe(0)
    expect(await exported(new ProtobufMetrics(options('metrics', 'protobuf')), ofMetrics)).toBe(0)
    expect(lines().map((line) => / 200 {2}(\d+ \w+) /.exec(line)?.[1])).toEqual([
      ...['3 spans', '2 logs', '5 points'],
      ...['3 spans', '2 logs', '5 points'],
    ])
    const store = await openStore(backend.url())
    try {
      const rows = await storedTables(store, 'json')
      expect(Object.fromEntries(Object.entries(rows).map(([name, { length }]) => [name, length]))).toEqual({
        ...{ traces: 1, spans: 3, events: 2, results: 0, metrics: 5, metricPoints: 5, logs: 2 },
      })
      expect(rows.traces).toMatchObject([{ agentName: 'airline', inputTokens: 500, outputTokens: 20, errorCount: 1 }])
      expect(await storedTables(store, 'protobuf')).toEqual(rows)
    } finally {
      await store.close()
    }
  })

  it('tells an exporter without the token that it may not write', async () => {
    const { base } = await runServe(['--db', backend.url(), '--token', 'key'])
    expect(await exported(new ProtobufTraces({ url: `${base}/v1/traces` }), spans())).toBe(1)
  })
})
