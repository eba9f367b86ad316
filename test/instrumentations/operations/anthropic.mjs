// What each run of the Anthropic SDK does: an agent by the SDK's tool runner, a stream, an error.
import { trace } from '@opentelemetry/api'
import { startFakeServer } from '../fake/server.mjs'
import { expectFailure } from '../open-telemetry.mjs'
import { answers, callsTool, fails, sessionId, streams, userQuestion, weatherResult } from '../scenario.mjs'

const model = 'claude-sonnet-5'
const conversation = { openTelemetry: { conversationId: sessionId } }

/** `Anthropic` is the client's class, as it is after an instrumentation has patched its module. */
export async function runAnthropicOperations(Anthropic, operation) {
  const server = await startFakeServer([callsTool, answers, callsTool, answers, streams, streams, fails])
  // Content is off by default.
  const openTelemetry = { traces: { contentMode: 'content' } }
  const client = new Anthropic({ apiKey: 'none', baseURL: server.url, maxRetries: 0, openTelemetry })
  try {
    await operation('toolRunner', () => toolRunner(client))
    await operation('ownLoop', () => ownLoop(client))
    await operation('stream', () => stream(client))
    await operation('streamHelper', () => streamHelper(client))
    await operation('error', () => expectFailure(() => client.messages.create(params('Too long.'), conversation)))
  } finally {
    await server.close()
  }
}

const weather = {
  name: 'get_weather',
  description: 'The weather of a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

function params(content) {
  return { model, max_tokens: 500, messages: [{ role: 'user', content }] }
}

/** The beta API's loop, which has spans of its own around the calls. */
async function toolRunner(client) {
  const tool = { type: 'custom', ...weather, run: async () => JSON.stringify(weatherResult), parse: (input) => input }
  const system = 'Answer about the weather.'
  const usages = []
  for await (const message of client.beta.messages.toolRunner(
    { ...params(userQuestion), system, tools: [tool] },
    conversation,
  )) {
    usages.push(message.usage)
  }
  return { usages }
}

/** A loop by hand under a span of the application, which names no kind. */
async function ownLoop(client) {
  return trace.getTracer('my-app', '1.2.3').startActiveSpan('answer question', async (span) => {
    const request = { ...params(userQuestion), tools: [weather], temperature: 0.5 }
    const first = await client.messages.create(request, conversation)
    const [call] = first.content
    const result = { type: 'tool_result', tool_use_id: call.id, content: JSON.stringify(weatherResult) }
    const messages = [
      ...request.messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [result] },
    ]
    const second = await client.messages.create({ ...request, messages }, conversation)
    span.end()
    return { usages: [first.usage, second.usage], text: second.content[0].text }
  })
}

async function stream(client) {
  const events = await client.messages.create({ ...params('Say hello.'), stream: true }, conversation)
  let text = ''
  let usage = {}
  for await (const event of events) {
    if (event.type === 'message_start') usage = event.message.usage
    if (event.type === 'content_block_delta') text += event.delta.text
    if (event.type === 'message_delta') usage = { ...usage, output_tokens: event.usage.output_tokens }
  }
  return { usages: [usage], text }
}

async function streamHelper(client) {
  const message = await client.messages.stream(params('Say hello.'), conversation).finalMessage()
  return { usages: [message.usage], text: message.content[0].text }
}
