// OpenTelemetry 2.x set up for one run: a global tracer provider whose finished spans are kept.
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'

const resource = resourceFromAttributes({
  'service.name': 'instrumentations',
  'deployment.environment.name': 'test',
})

/**
 * `attached.spanProcessors` and `attached.spanExporters` get every span beside the memory. `start` registers the
 * provider for the processors that it is given, and returns it.
 */
export function startTracing({ spanProcessors = [], spanExporters = [] } = {}, start = startProvider) {
  const memory = new InMemorySpanExporter()
  const exporting = spanExporters.map((exporter) => new BatchSpanProcessor(exporter))
  const provider = start([new SimpleSpanProcessor(memory), ...spanProcessors, ...exporting], resource)
  const operations = []

  return {
    provider,
    /** Does `work`, whose value is what the SDK reports of it, and notes which traces it made. */
    async operation(name, work) {
      const before = new Set(memory.getFinishedSpans().map(traceIdOf))
      const reported = await work()
      await provider.forceFlush()
      const after = new Set(memory.getFinishedSpans().map(traceIdOf))
      operations.push({ name, traceIds: [...after].filter((id) => !before.has(id)), ...reported })
    },
    /** What a run returns; the provider is shut down, so that what is attached has everything. */
    async finish() {
      await provider.forceFlush()
      const spans = [...memory.getFinishedSpans()]
      await provider.shutdown()
      return { spans, otlp: toOtlp(JsonTraceSerializer, spans), expected: { operations } }
    },
  }
}

function startProvider(spanProcessors) {
  const provider = new BasicTracerProvider({ resource, spanProcessors })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(provider)
  return provider
}

/** The request that an OTLP/JSON exporter would send. */
export function toOtlp(serializer, records) {
  return JSON.parse(new TextDecoder().decode(serializer.serializeRequest(records)))
}

/** What a failed call says; a call that does not fail is a fault of the run. */
export async function expectFailure(call) {
  try {
    await call()
  } catch (error) {
    return { error: error.message }
  }
  throw new Error('The call was expected to fail.')
}

function traceIdOf(span) {
  return span.spanContext().traceId
}
