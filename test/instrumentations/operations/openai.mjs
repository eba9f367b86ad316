// What each run of the OpenAI SDK does: chat with a tool, the Responses API, streams, an embedding, an error.
import { trace } from '@opentelemetry/api'
import { startFakeServer } from '../fake/server.mjs'
import { expectFailure } from '../open-telemetry.mjs'
import { answers, callsTool, embedding, fails, streams, userQuestion, weatherResult } from '../scenario.mjs'

const model = 'gpt-5-mini'

/** `OpenAI` is the client's class, as it is after an instrumentation has patched its module. */
export async function runOpenAiOperations(OpenAI, operation) {
  const server = await startFakeServer([callsTool, answers, streams, callsTool, streams, embedding, fails])
  const client = new OpenAI({ apiKey: 'none', baseURL: `${server.url}/v1`, maxRetries: 0 })
  try {
    await operation('agent', () => agent(client))
    await operation('stream', () => stream(client))
    await operation('responses', () => responses(client))
    await operation('responsesStream', () => responsesStream(client))
    await operation('embedding', () => embed(client))
    await operation('error', () => expectFailure(() => client.chat.completions.create(chat('Too long.'))))
  } finally {
    await server.close()
  }
}

const weather = {
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

function chat(content) {
  return { model, messages: [{ role: 'user', content }] }
}

async function agent(client) {
  return trace.getTracer('my-app', '1.2.3').startActiveSpan('answer question', async (span) => {
    const tools = [{ type: 'function', function: weather }]
    const system = { role: 'system', content: 'Answer about the weather.' }
    const request = { model, temperature: 0.5, tools, messages: [system, ...chat(userQuestion).messages] }
    const first = await client.chat.completions.create(request)
    const { message } = first.choices[0]
    const result = {
      role: 'tool',
      tool_call_id: message.tool_calls[0].id,
      content: JSON.stringify(weatherResult),
    }
    const second = await client.chat.completions.create({
      ...request,
      messages: [...request.messages, message, result],
    })
    span.end()
    return { usages: [first.usage, second.usage], text: second.choices[0].message.content }
  })
}

async function stream(client) {
  const request = { ...chat('Say hello.'), stream: true, stream_options: { include_usage: true } }
  let text = ''
  let usage
  for await (const chunk of await client.chat.completions.create(request)) {
    text += chunk.choices[0]?.delta.content ?? ''
    usage = chunk.usage ?? usage
  }
  return { usages: [usage], text }
}

async function responses(client) {
  const tools = [{ type: 'function', strict: false, ...weather }]
  const response = await client.responses.create({ model, instructions: 'Be brief.', input: userQuestion, tools })
  return { usages: [response.usage] }
}

async function responsesStream(client) {
  let usage
  let text = ''
  for await (const event of await client.responses.create({ model, input: 'Say hello.', stream: true })) {
    if (event.type === 'response.output_text.delta') text += event.delta
    if (event.type === 'response.completed') usage = event.response.usage
  }
  return { usages: [usage], text }
}

async function embed(client) {
  const { usage } = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'Paris' })
  return { usages: [usage] }
}
