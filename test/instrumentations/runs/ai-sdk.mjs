// AI SDK 7 with the integration that writes OpenTelemetry's GenAI conventions.
import { OpenTelemetry } from '@ai-sdk/otel'
import { registerTelemetry } from 'ai'
import { startTracing } from '../open-telemetry.mjs'
import { runAiSdkOperations } from '../operations/ai-sdk.mjs'

export async function run(attached) {
  const tracing = startTracing(attached)
  registerTelemetry(new OpenTelemetry({ runtimeContext: true, usage: true, providerMetadata: true }))
  await runAiSdkOperations(tracing.operation)
  return tracing.finish()
}
