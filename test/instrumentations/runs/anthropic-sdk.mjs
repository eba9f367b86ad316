// The Anthropic SDK with the spans that it makes by itself.
import Anthropic from '@anthropic-ai/sdk'
import { startTracing } from '../open-telemetry.mjs'
import { runAnthropicOperations } from '../operations/anthropic.mjs'

export async function run(attached) {
  const tracing = startTracing(attached)
  await runAnthropicOperations(Anthropic, tracing.operation)
  return tracing.finish()
}
