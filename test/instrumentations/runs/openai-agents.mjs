// The OpenAI Agents SDK, with a tracing processor that keeps what it is called with.
import { Agent, OpenAIProvider, Runner, setTraceProcessors, tool, withTrace } from '@openai/agents'
import OpenAI from 'openai'
import { z } from 'zod'
import { startFakeServer } from '../fake/server.mjs'
import { expectFailure } from '../open-telemetry.mjs'
import { answers, callsTool, fails, sessionId, streams, userId, userQuestion, weatherResult } from '../scenario.mjs'

const model = 'gpt-5-mini'
const handsOff = { ...callsTool, toolCalls: [{ id: 'call_handoff', name: 'transfer_to_writer', arguments: {} }] }
const workflow = { workflowName: 'weather workflow', groupId: sessionId, traceMetadata: { userId } }
const ownTrace = { groupId: sessionId, metadata: { userId } }

/** `attached.agentsProcessors` are tracing processors beside the one that keeps. */
export async function run({ agentsProcessors = [] } = {}) {
  const keeper = keepingProcessor()
  setTraceProcessors([keeper, ...agentsProcessors])
  const server = await startFakeServer([callsTool, handsOff, answers, streams, callsTool, answers, fails])
  const operations = []
  const operation = async (name, work) => {
    const before = keeper.traceIds.length
    const reported = await work()
    operations.push({ name, traceIds: keeper.traceIds.slice(before), ...reported })
  }
  try {
    const openAIClient = new OpenAI({ apiKey: 'none', baseURL: `${server.url}/v1`, maxRetries: 0 })
    const responses = new Runner({
      ...workflow,
      modelProvider: new OpenAIProvider({ openAIClient, useResponses: true }),
    })
    const chat = new Runner({ ...workflow, modelProvider: new OpenAIProvider({ openAIClient, useResponses: false }) })
    await operation('handoff', () => runAgent(responses, triageAgent()))
    await operation('stream', () => streamAgent(responses))
    await operation('chatCompletions', () => withTrace('own trace', () => runAgent(chat, weatherAgent()), ownTrace))
    await operation('error', () => expectFailure(() => responses.run(writerAgent(), 'Too long.')))
    await Promise.all(agentsProcessors.map((processor) => processor.forceFlush()))
  } finally {
    await server.close()
  }
  return { items: keeper.items, expected: { operations } }
}

const weather = tool({
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: z.object({ city: z.string() }),
  execute: async () => weatherResult,
})

const politeInput = {
  name: 'polite',
  execute: async () => ({ tripwireTriggered: false, outputInfo: { polite: true } }),
}

function writerAgent() {
  return new Agent({ name: 'writer', instructions: 'Write it down.', model })
}

function weatherAgent() {
  return new Agent({ name: 'forecaster', instructions: 'Answer about the weather.', model, tools: [weather] })
}

function triageAgent() {
  return new Agent({
    name: 'triage',
    instructions: 'Look the weather up, then hand over.',
    model,
    tools: [weather],
    handoffs: [writerAgent()],
    inputGuardrails: [politeInput],
  })
}

async function runAgent(runner, agent) {
  const result = await runner.run(agent, userQuestion)
  return { text: result.finalOutput, usage: result.state.usage, lastAgent: result.lastAgent.name }
}

async function streamAgent(runner) {
  const result = await runner.run(writerAgent(), 'Say hello.', { stream: true })
  let text = ''
  for await (const delta of result.toTextStream()) text += delta
  await result.completed
  return { text, usage: result.state.usage }
}

/** Keeps each call with the raw fields of the trace or span, and its `toJSON` beside them. */
function keepingProcessor() {
  const items = []
  const traceIds = []
  const keep = (callback) => async (item) => {
    if (callback === 'onTraceStart') traceIds.push(item.traceId)
    items.push(structuredClone({ callback, item: rawFields(item), json: item.toJSON() }))
  }
  return {
    items,
    traceIds,
    onTraceStart: keep('onTraceStart'),
    onTraceEnd: keep('onTraceEnd'),
    onSpanStart: keep('onSpanStart'),
    onSpanEnd: keep('onSpanEnd'),
    shutdown: async () => {},
    forceFlush: async () => {},
  }
}

function rawFields(item) {
  const { traceId, name, groupId, metadata, spanId, parentId, startedAt, endedAt, spanData, error, traceMetadata } =
    item
  if (item.type === 'trace') return { type: item.type, traceId, name, groupId, metadata }
  return {
    type: item.type,
    traceId,
    spanId,
    parentId,
    startedAt,
    endedAt,
    spanData: plain(spanData),
    error,
    traceMetadata,
  }
}

function plain(value) {
  return JSON.parse(JSON.stringify(value))
}
