// AI SDK 7 with the integration that writes the `ai.*` attributes of earlier versions.
import { LegacyOpenTelemetry } from '@ai-sdk/otel'
import { registerTelemetry } from 'ai'
import { startTracing } from '../open-telemetry.mjs'
import { runAiSdkOperations } from '../operations/ai-sdk.mjs'

export async function run(attached) {
  const tracing = startTracing(attached)
  registerTelemetry(new LegacyOpenTelemetry())
  await runAiSdkOperations(tracing.operation)
  return tracing.finish()
}
