// OpenLLMetry with the OpenAI SDK, whose version 6 is the newest that it supports.
import { OpenAIInstrumentation } from '@traceloop/instrumentation-openai'
import OpenAI from 'openai-6'
import { startTracing } from '../open-telemetry.mjs'
import { runOpenAiOperations } from '../operations/openai.mjs'

export async function run(attached) {
  const tracing = startTracing(attached)
  const instrumentation = new OpenAIInstrumentation({ enrichTokens: true })
  instrumentation.setTracerProvider(tracing.provider)
  instrumentation.manuallyInstrument(OpenAI)
  await runOpenAiOperations(OpenAI, tracing.operation)
  return tracing.finish()
}
