// The messages of two turns of Claude Code. As there, an answer of several content blocks is several messages with one
// id and one usage, input leaves cached tokens out, and a sub-agent's messages name the tool call that started it.
import { randomUUID } from 'node:crypto'
import { answers, callsTool, fails, sessionId, subAgentAnswers, weatherResult } from '../scenario.mjs'
import { messagesAnswer, messagesEvents } from './anthropic.mjs'

const model = 'claude-sonnet-5'
const subAgentModel = 'claude-haiku-4-5'
const cost = { [model]: 0.0123, [subAgentModel]: 0.0004 }
const startsSubAgent = {
  text: 'I ask the forecaster.',
  toolCalls: [
    { id: 'toolu_agent_1', name: 'Agent', arguments: { subagent_type: 'forecaster', prompt: 'How is it in Paris?' } },
  ],
  usage: callsTool.usage,
}

export function* weatherTurn() {
  yield start()
  yield* assistant('1', { ...callsTool, text: 'I look it up.' })
  yield toolResult('call_weather_1', JSON.stringify(weatherResult))
  yield* assistant('2', startsSubAgent)
  const parent = 'toolu_agent_1'
  yield { ...user('How is it in Paris?', parent), isSynthetic: true }
  yield* assistant('3', subAgentAnswers, { parent, model: subAgentModel })
  yield toolResult(parent, subAgentAnswers.text)
  yield* streamEvents('4', answers)
  yield* assistant('4', answers)
  const usage = sum(callsTool, startsSubAgent, answers)
  yield { ...result([usage, sum(subAgentAnswers)]), subtype: 'success', is_error: false, result: answers.text }
}

export function* failingTurn() {
  yield start()
  const nothing = sum()
  yield {
    ...result([nothing, nothing]),
    subtype: 'error_during_execution',
    is_error: true,
    errors: [fails.error.message],
  }
}

function start() {
  return {
    ...envelope(),
    type: 'system',
    subtype: 'init',
    apiKeySource: 'none',
    claude_code_version: '2.3.0',
    cwd: '/project',
    tools: ['get_weather', 'Agent'],
    mcp_servers: [],
    model,
    permissionMode: 'default',
    slash_commands: [],
    output_style: 'default',
    skills: [],
    plugins: [],
    agents: ['forecaster'],
  }
}

function* assistant(id, reply, { parent = null, model: by = model } = {}) {
  const { content, ...message } = messagesAnswer({ id, body: { model: by }, reply })
  for (const block of content) {
    const answered = { ...message, content: [block] }
    yield { ...envelope(), type: 'assistant', message: answered, parent_tool_use_id: parent, request_id: `req_${id}` }
  }
}

function* streamEvents(id, reply) {
  for (const event of messagesEvents({ id, body: { model }, reply })) {
    yield { ...envelope(), type: 'stream_event', event, parent_tool_use_id: null }
  }
}

function toolResult(tool_use_id, content) {
  return { ...user([{ type: 'tool_result', tool_use_id, content }]), tool_use_result: content }
}

function user(content, parent_tool_use_id = null) {
  return { ...envelope(), type: 'user', message: { role: 'user', content }, parent_tool_use_id }
}

/** `result.usage` is the main agent's; `modelUsage` has the sub-agents' beside it. */
function result([own, subAgents]) {
  return {
    ...envelope(),
    type: 'result',
    duration_ms: 1200,
    duration_api_ms: 900,
    num_turns: 3,
    stop_reason: 'end_turn',
    total_cost_usd: own.output_tokens > 0 ? cost[model] + cost[subAgentModel] : 0,
    usage: own,
    modelUsage:
      own.output_tokens > 0 ? { [model]: byModel(model, own), [subAgentModel]: byModel(subAgentModel, subAgents) } : {},
    permission_denials: [],
  }
}

function byModel(name, usage) {
  return {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cacheReadInputTokens: usage.cache_read_input_tokens,
    cacheCreationInputTokens: usage.cache_creation_input_tokens,
    webSearchRequests: 0,
    costUSD: cost[name],
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
  }
}

function sum(...replies) {
  const total = { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 }
  for (const { usage } of replies) {
    total.input_tokens += usage.input - usage.cacheRead - usage.cacheWrite
    total.cache_creation_input_tokens += usage.cacheWrite
    total.cache_read_input_tokens += usage.cacheRead
    total.output_tokens += usage.output
  }
  return total
}

function envelope() {
  return { uuid: randomUUID(), session_id: sessionId, timestamp: new Date().toISOString() }
}
