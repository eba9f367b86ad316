// What each run of the AI SDK does, whichever telemetry is registered.
import { embed, generateText, isStepCount, streamText, ToolLoopAgent, tool } from 'ai'
import { MockEmbeddingModelV4 } from 'ai/test'
import { z } from 'zod'
import { listedModel } from '../fake/ai-sdk-model.mjs'
import { expectFailure } from '../open-telemetry.mjs'
import {
  answers,
  callsTool,
  embedding,
  fails,
  sessionId,
  streams,
  subAgentAnswers,
  userId,
  userQuestion,
  weatherResult,
} from '../scenario.mjs'

const runtimeContext = { sessionId, userId }

/** Telemetry options of a call; without `includeRuntimeContext` no runtime context reaches telemetry. */
function telemetry(functionId) {
  return { functionId, includeRuntimeContext: { sessionId: true, userId: true } }
}

/** Runs the operations by `operation(name, work)`. */
export async function runAiSdkOperations(operation) {
  await operation('agent', agent)
  await operation('stream', stream)
  await operation('error', error)
  await operation('embedding', embeddingCall)
}

/** Two model calls, a tool, and a sub-agent inside of the tool. */
async function agent() {
  const forecaster = new ToolLoopAgent({
    id: 'forecaster',
    model: listedModel([subAgentAnswers]),
    runtimeContext,
    telemetry: telemetry('forecaster'),
  })
  let subAgentUsage
  const weather = tool({
    description: 'The weather of a city.',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }, { abortSignal }) => {
      const { totalUsage } = await forecaster.generate({ prompt: `How is it in ${city}?`, abortSignal })
      subAgentUsage = totalUsage
      return weatherResult
    },
  })
  const assistant = new ToolLoopAgent({
    id: 'assistant',
    instructions: 'Answer about the weather.',
    model: listedModel([callsTool, answers]),
    tools: { get_weather: weather },
    stopWhen: isStepCount(5),
    temperature: 0.5,
    runtimeContext,
    telemetry: telemetry('assistant'),
  })
  const { text, totalUsage, steps } = await assistant.generate({ prompt: userQuestion })
  return { text, usage: totalUsage, subAgentUsage, steps: steps.length }
}

async function stream() {
  const result = streamText({
    model: listedModel([streams]),
    prompt: 'Say hello.',
    runtimeContext,
    telemetry: telemetry('greeter'),
  })
  let text = ''
  for await (const part of result.textStream) text += part
  return { text, usage: await result.totalUsage }
}

async function error() {
  const model = listedModel([fails])
  const call = { model, prompt: 'Too long.', maxRetries: 0, runtimeContext, telemetry: telemetry('failing') }
  return expectFailure(() => generateText(call))
}

async function embeddingCall() {
  const model = new MockEmbeddingModelV4({
    modelId: 'mock-embedding',
    doEmbed: async () => ({ embeddings: [embedding.vector], usage: { tokens: embedding.tokens }, warnings: [] }),
  })
  const { usage } = await embed({ model, value: 'Paris', runtimeContext, telemetry: telemetry('embedder') })
  return { usage }
}
