import type { Store } from '../store/store.ts'
import { Endpoint } from './endpoint.ts'
import type { OtlpHandlerOptions } from './options.ts'

/**
 * Answers OTLP requests (`POST …/v1/traces`, `/v1/logs`, `/v1/metrics`, in JSON and in protobuf) of servers that have the
 * web's `Request` and `Response`: Hono, Next.js, Bun, Deno. What is answered with 200 is stored.
 *
 * @example
 * const handler = otlpHandler(store, { authorize: (request) => request.headers.get('authorization') === secret })
 * export const POST = handler // Next.js: app/v1/[signal]/route.ts
 */
export function otlpHandler(store: Store, options: OtlpHandlerOptions = {}): (request: Request) => Promise<Response> {
  const endpoint = new Endpoint(store, options)
  return async (request) => {
    const { status, headers, body } = await endpoint.handle({
      method: request.method,
      path: new URL(request.url).pathname,
      header: (name) => request.headers.get(name) ?? undefined,
      body: piecesOf(request),
      request: () => request,
    })
    // A status without a body takes none, not even an empty one.
    return new Response(status === 204 ? null : new Uint8Array(body), { status, headers })
  }
}

const piecesOf = ({ body }: Request): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]() {
    const reader = body?.getReader()
    return {
      async next() {
        const { done, value } = (await reader?.read()) ?? { done: true }
        return done || value === undefined ? { done: true, value: undefined } : { done: false, value }
      },
      async return() {
        await reader?.cancel()
        return { done: true, value: undefined }
      },
    }
  },
})
