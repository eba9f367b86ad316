import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Store } from '../store/store.ts'
import { Endpoint, signalOf } from './endpoint.ts'
import type { Answer, Incoming } from './incoming.ts'
import type { OtlpHandlerOptions } from './options.ts'

/** What Fastify has around a request, with what its parser made of the body. */
export interface WrappedRequest {
  readonly raw: IncomingMessage
  readonly body?: unknown
}

/** What Fastify has around an answer. */
export interface WrappedResponse {
  readonly raw: ServerResponse
  hijack(): unknown
}

/** Answers a request of `node:http`, Express or Fastify; `next` of Express gets what is for another path. */
export type NodeOtlpHandler = (
  request: IncomingMessage | WrappedRequest,
  response: ServerResponse | WrappedResponse,
  next?: (error?: unknown) => void,
) => Promise<void>

/**
 * Answers OTLP requests of `node:http`, Express (`app.use(nodeOtlpHandler(store))`, before or after body parsers) and
 * Fastify (`app.post('/v1/*', nodeOtlpHandler(store))`). What is answered with 200 is stored.
 *
 * @example
 * createServer(nodeOtlpHandler(store)).listen(4318, '127.0.0.1')
 */
export const nodeOtlpHandler = (store: Store, options: OtlpHandlerOptions = {}): NodeOtlpHandler =>
  answerByNode(new Endpoint(store, options))

/** The same of an endpoint that somebody else has a hand on. */
export const answerByNode =
  (endpoint: Endpoint): NodeOtlpHandler =>
  async (request, response, next) => {
    const bare = 'raw' in request ? request.raw : request
    // Parsers of Express and Fastify put here what they made of the body.
    const incoming = incomingOf(bare, 'body' in request ? request.body : undefined)
    if (next !== undefined && signalOf(incoming.path) === undefined) {
      next()
      return
    }
    send(bare, bareResponse(response), await endpoint.handle(incoming))
  }

function bareResponse(response: ServerResponse | WrappedResponse): ServerResponse {
  if (!('raw' in response)) return response
  // Otherwise Fastify answers as well.
  response.hijack()
  return response.raw
}

function incomingOf(request: IncomingMessage, body: unknown): Incoming {
  const { method = 'GET', url = '/', headers } = request
  return {
    method,
    path: url.split('?', 1)[0] ?? '/',
    client: request.socket.remoteAddress,
    header: (name) => {
      const value = headers[name.toLowerCase()]
      return Array.isArray(value) ? value.join(', ') : value
    },
    body: bodyOf(request, body),
    request: () => webRequest(request),
  }
}

function bodyOf(request: IncomingMessage, body: unknown): Incoming['body'] {
  if (body instanceof Uint8Array) return body
  // Express sets an empty object where no parser was for this type: then the bytes are still to come.
  if (!request.readableEnded || body === undefined) return { [Symbol.asyncIterator]: () => leftOpen(request) }
  return typeof body === 'string' ? Buffer.from(body) : { json: body }
}

/** Its bytes. Who reads no further does not close the connection, on which the answer goes back. */
const leftOpen = (request: IncomingMessage): AsyncIterator<Uint8Array> => request.iterator({ destroyOnReturn: false })

/** The request as the web has it, without its body. */
function webRequest({ method = 'GET', url = '/', rawHeaders, headers: { host = '' } }: IncomingMessage): Request {
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2)
    // HTTP/2 has the method and the path among its headers.
    if (!name.startsWith(':')) headers.append(name, value)
  }
  const base = URL.canParse(`http://${host}`) ? `http://${host}` : 'http://localhost'
  return new Request(new URL(URL.canParse(url, base) ? url : '/', base), { method, headers })
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed || response.headersSent) return
  const isRead = request.readableEnded
  response.writeHead(status, {
    ...headers,
    ...(status !== 204 && { 'content-length': String(body.length) }),
    // Nobody reads the rest of a body that was refused.
    ...(!isRead && { connection: 'close' }),
  })
  response.end(body)
  if (!isRead) request.resume()
}
