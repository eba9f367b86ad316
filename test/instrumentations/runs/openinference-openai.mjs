// OpenInference with the OpenAI SDK.
import { setSession, setUser } from '@arizeai/openinference-core'
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai'
import { context } from '@opentelemetry/api'
import OpenAI from 'openai'
import { startTracing } from '../open-telemetry.mjs'
import { runOpenAiOperations } from '../operations/openai.mjs'
import { sessionId, userId } from '../scenario.mjs'

export async function run(attached) {
  const tracing = startTracing(attached)
  new OpenAIInstrumentation({ tracerProvider: tracing.provider }).manuallyInstrument(OpenAI)
  const ours = setUser(setSession(context.active(), { sessionId }), { userId })
  await context.with(ours, () => runOpenAiOperations(OpenAI, tracing.operation))
  return tracing.finish()
}
