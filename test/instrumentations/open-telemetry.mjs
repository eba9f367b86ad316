// OpenTelemetry 2.x set up for one run: a global tracer provider whose finished spans are kept.
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'

/** `attached.spanProcessors` get every span beside the ones that are kept. */
export function startTracing({ spanProcessors = [] } = {}) {
  const memory = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'instrumentations', 'deployment.environment.name': 'test' }),
    spanProcessors: [new SimpleSpanProcessor(memory), ...spanProcessors],
  })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(provider)
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
    /** What a run returns. */
    async finish() {
      await provider.forceFlush()
      const spans = memory.getFinishedSpans()
      return { spans, otlp: toOtlp(JsonTraceSerializer, spans), expected: { operations } }
    },
  }
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
