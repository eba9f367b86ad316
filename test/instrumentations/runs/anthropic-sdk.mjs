// The Anthropic SDK with the spans that it makes by itself.
import Anthropic from '@anthropic-ai/sdk'
import { runAnthropicOperations } from '../anthropic-operations.mjs'
import { startTracing } from '../open-telemetry.mjs'

export async function run(attached) {
  const tracing = startTracing(attached)
  await runAnthropicOperations(Anthropic, tracing.operation)
  return tracing.finish()
}
