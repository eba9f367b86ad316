// The AI SDK under OpenTelemetry's NodeSDK 2.x, as an application's instrumentation file starts it.
import { OpenTelemetry } from '@ai-sdk/otel'
import { metrics } from '@opentelemetry/api'
import { logs } from '@opentelemetry/api-logs'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { registerTelemetry } from 'ai'
import { startTracing } from '../open-telemetry.mjs'
import { runAiSdkOperations } from '../operations/ai-sdk.mjs'

/** Beside spans, `attached.logRecordProcessors` get a log and `attached.metricReaders` a counter. */
export async function run(attached = {}) {
  const { logRecordProcessors = [], metricReaders = [] } = attached
  // Otherwise NodeSDK makes exporters of its own for what it is not given.
  process.env.OTEL_LOGS_EXPORTER = 'none'
  process.env.OTEL_METRICS_EXPORTER = 'none'
  const tracing = startTracing(attached, (spanProcessors, resource) => {
    const sdk = new NodeSDK({
      resource,
      spanProcessors,
      logRecordProcessors,
      metricReaders,
      autoDetectResources: false,
    })
    sdk.start()
    const forceFlush = () => Promise.all(spanProcessors.map((processor) => processor.forceFlush()))
    return { forceFlush, shutdown: () => sdk.shutdown() }
  })
  registerTelemetry(new OpenTelemetry({ runtimeContext: true, usage: true }))
  await runAiSdkOperations(tracing.operation)
  logs.getLogger('my-app').emit({ body: 'All answered.', severityNumber: 9 })
  metrics.getMeter('my-app').createCounter('questions').add(1)
  return tracing.finish()
}
