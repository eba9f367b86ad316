// Mastra, with an observability exporter that keeps the events it is given.
import { Agent } from '@mastra/core/agent'
import { Mastra } from '@mastra/core/mastra'
import { createTool } from '@mastra/core/tools'
import { Observability } from '@mastra/observability'
import { z } from 'zod'
import { listedModel } from '../fake/ai-sdk-model.mjs'
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

const callsSubAgent = {
  ...callsTool,
  toolCalls: [{ id: 'call_agent_1', name: 'agent-forecaster', arguments: { prompt: 'How is it in Paris?' } }],
}
const tracingOptions = { metadata: { sessionId, userId }, tags: ['weather'] }

/** `attached.mastraExporters` are exporters beside the one that keeps. */
export async function run({ mastraExporters = [] } = {}) {
  const keeper = keepingExporter()
  const observability = new Observability({
    configs: { default: { serviceName: 'instrumentations', exporters: [keeper, ...mastraExporters] } },
  })
  const mastra = new Mastra({ agents: agents(), observability, logger: false })
  const operations = []
  const operation = async (name, work) => {
    const before = keeper.traceIds.size
    const reported = await work()
    operations.push({ name, traceIds: [...keeper.traceIds].slice(before), ...reported })
  }
  await operation('agent', () => runAgent(mastra))
  await operation('stream', () => stream(mastra))
  await operation('error', () => expectFailure(() => mastra.getAgent('failing').generate('Too long.')))
  await rate(observability, operations[0].traceIds[0])
  await observability.shutdown()
  return { items: keeper.items, expected: { operations } }
}

function agents() {
  const weather = createTool({
    id: 'get_weather',
    description: 'The weather of a city.',
    inputSchema: z.object({ city: z.string() }),
    execute: async () => weatherResult,
  })
  const forecaster = new Agent({
    id: 'forecaster',
    name: 'forecaster',
    description: 'Knows how it is somewhere.',
    instructions: 'Say how it is.',
    model: listedModel([subAgentAnswers]),
  })
  const assistant = new Agent({
    id: 'assistant',
    name: 'assistant',
    instructions: 'Answer about the weather.',
    model: listedModel([callsTool, callsSubAgent, answers]),
    tools: { get_weather: weather },
    agents: { forecaster },
  })
  const greeter = new Agent({ id: 'greeter', name: 'greeter', instructions: 'Greet.', model: listedModel([streams]) })
  const failing = new Agent({
    id: 'failing',
    name: 'failing',
    instructions: 'Fail.',
    model: listedModel([fails]),
    maxRetries: 0,
  })
  return { assistant, forecaster, greeter, failing }
}

async function runAgent(mastra) {
  const result = await mastra.getAgent('assistant').generate(userQuestion, { tracingOptions, maxSteps: 5 })
  return { text: result.text, usage: result.totalUsage, reportedTraceId: result.traceId }
}

async function stream(mastra) {
  const result = await mastra.getAgent('greeter').stream('Say hello.', { tracingOptions })
  let text = ''
  for await (const part of result.textStream) text += part
  return { text, usage: await result.usage }
}

/** With a context, neither looks the trace up in a storage. */
async function rate(observability, traceId) {
  const target = { traceId, correlationContext: { traceId, sessionId, userId } }
  await observability.addScore({ ...target, score: { scorerId: 'relevance', score: 0.9, reason: 'On topic.' } })
  const feedback = { feedbackType: 'thumbs', value: 'up', comment: 'Good.', feedbackUserId: userId }
  await observability.addFeedback({ ...target, feedback })
}

function keepingExporter() {
  const items = []
  const traceIds = new Set()
  const keep = (callback) => async (event) => {
    if (event.exportedSpan) traceIds.add(event.exportedSpan.traceId)
    items.push({ callback, event: JSON.parse(JSON.stringify(event)) })
  }
  return {
    name: 'keeping',
    items,
    traceIds,
    exportTracingEvent: keep('exportTracingEvent'),
    onLogEvent: keep('onLogEvent'),
    onMetricEvent: keep('onMetricEvent'),
    onScoreEvent: keep('onScoreEvent'),
    onFeedbackEvent: keep('onFeedbackEvent'),
    flush: async () => {},
    shutdown: async () => {},
  }
}
