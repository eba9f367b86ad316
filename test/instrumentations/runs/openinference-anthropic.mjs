// OpenInference beside the spans that the Anthropic SDK makes by itself: each call of a client is two nested spans.

import Anthropic from '@anthropic-ai/sdk'
import { setSession, setUser } from '@arizeai/openinference-core'
import { AnthropicInstrumentation } from '@arizeai/openinference-instrumentation-anthropic'
import { context } from '@opentelemetry/api'
import { startTracing } from '../open-telemetry.mjs'
import { runAnthropicOperations } from '../operations/anthropic.mjs'
import { sessionId, userId } from '../scenario.mjs'

export async function run(attached) {
  const tracing = startTracing(attached)
  new AnthropicInstrumentation({ tracerProvider: tracing.provider }).manuallyInstrument(Anthropic)
  const ours = setUser(setSession(context.active(), { sessionId }), { userId })
  await context.with(ours, () => runAnthropicOperations(Anthropic, tracing.operation))
  return tracing.finish()
}
