// The OpenAI and the Anthropic API on loopback: answers are taken from a list, in order, and written as the endpoint
// that is asked writes them, whole or streamed.
import { createServer } from 'node:http'
import { messagesAnswer, messagesError, messagesEvents } from './anthropic.mjs'
import { chatAnswer, chatEvents, embeddingsAnswer, openaiError } from './openai-chat.mjs'
import { responsesAnswer, responsesEvents } from './openai-responses.mjs'

/** Each endpoint by the end of its path: a whole answer, the events of a stream, an error. */
const endpoints = [
  { path: '/chat/completions', whole: chatAnswer, events: chatEvents, error: openaiError },
  { path: '/responses', whole: responsesAnswer, events: responsesEvents, error: openaiError },
  { path: '/embeddings', whole: embeddingsAnswer, error: openaiError },
  { path: '/messages', whole: messagesAnswer, events: messagesEvents, error: messagesError },
]

/** Starts the server; `requests` fills with the parsed bodies, and a request past the end of `replies` is a 500. */
export async function startFakeServer(replies) {
  const left = [...replies]
  const requests = []
  const server = createServer(async (request, response) => {
    const path = request.url.split('?')[0]
    const endpoint = endpoints.find((known) => path.endsWith(known.path))
    const body = await readJson(request)
    const reply = left.shift()
    requests.push({ path, headers: request.headers, body })
    response.setHeader('request-id', `req_${requests.length}`)
    response.setHeader('x-request-id', `req_${requests.length}`)
    if (!endpoint || !reply) return sendJson(response, 500, { error: { message: `No answer left for ${path}` } })
    if (reply.error) return sendJson(response, reply.error.status, endpoint.error(reply.error))
    const id = String(requests.length)
    if (body.stream) return sendEvents(response, endpoint.events({ id, body, reply }))
    return sendJson(response, 200, endpoint.whole({ id, body, reply }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readJson(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString() || '{}')
}

function sendJson(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

/** Events with a `type` carry it as the event's name too, except OpenAI's chat, which has data alone. */
function sendEvents(response, events) {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of events) {
    if (event.type) response.write(`event: ${event.type}\n`)
    response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
  }
  response.end()
}
