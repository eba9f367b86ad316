// LangChain.js and LangGraph, with a tracer that keeps the root runs.
import { tool } from '@langchain/core/tools'
import { BaseTracer } from '@langchain/core/tracers/base'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { z } from 'zod'
import { ListedChatModel } from '../fake/langchain-model.mjs'
import { expectFailure } from '../open-telemetry.mjs'
import {
  answers,
  callsTool,
  fails,
  sessionId,
  streams,
  subAgentAnswers,
  userId,
  userQuestion,
  weatherResult,
} from '../scenario.mjs'

/** `attached.langchainCallbacks` are callback handlers beside the one that keeps. */
export async function run({ langchainCallbacks = [] } = {}) {
  const tracer = new KeepingTracer()
  const config = {
    callbacks: [tracer, ...langchainCallbacks],
    tags: ['weather'],
    metadata: { session_id: sessionId, user_id: userId },
    configurable: { thread_id: sessionId },
  }
  const operations = []
  const operation = async (name, work) => {
    const before = tracer.items.length
    const reported = await work()
    operations.push({ name, traceIds: tracer.items.slice(before).map(({ trace_id }) => trace_id), ...reported })
  }
  await operation('agent', () => runAgent(config))
  await operation('stream', () => stream(config))
  await operation('retry', () => retry(config))
  await operation('error', () => expectFailure(() => new ListedChatModel([fails]).invoke('Too long.', config)))
  return { items: tracer.items, expected: { operations } }
}

class KeepingTracer extends BaseTracer {
  name = 'keeping'
  items = []

  async persistRun(root) {
    this.items.push(root)
  }
}

/** Two model calls of a graph, and a tool in which another graph runs. */
async function runAgent(config) {
  const forecaster = createReactAgent({ llm: new ListedChatModel([subAgentAnswers]), tools: [], name: 'forecaster' })
  const weather = tool(
    async ({ city }, toolConfig) => {
      await forecaster.invoke({ messages: [{ role: 'user', content: `How is it in ${city}?` }] }, toolConfig)
      return weatherResult
    },
    { name: 'get_weather', description: 'The weather of a city.', schema: z.object({ city: z.string() }) },
  )
  const assistant = createReactAgent({
    llm: new ListedChatModel([callsTool, answers]),
    tools: [weather],
    name: 'assistant',
    prompt: 'Answer about the weather.',
  })
  const { messages } = await assistant.invoke({ messages: [{ role: 'user', content: userQuestion }] }, config)
  const usages = messages.map(({ usage_metadata }) => usage_metadata).filter(Boolean)
  return { text: messages.at(-1).content, usages }
}

async function stream(config) {
  let message
  for await (const chunk of await new ListedChatModel([streams]).stream('Say hello.', config)) {
    message = message ? message.concat(chunk) : chunk
  }
  return { text: message.content, usages: [message.usage_metadata] }
}

/** The first attempt fails. */
async function retry(config) {
  const model = new ListedChatModel([fails, answers]).withRetry({ stopAfterAttempt: 2 })
  const message = await model.invoke(userQuestion, config)
  return { text: message.content, usages: [message.usage_metadata] }
}
