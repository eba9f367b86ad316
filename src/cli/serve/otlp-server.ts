import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { settlesWithin } from '../../engines/deadline.ts'
import { Endpoint } from '../../otlp/endpoint.ts'
import { answerByNode, type NodeOtlpHandler } from '../../otlp/node-otlp-handler.ts'
import type { OtlpHandlerOptions, OtlpRequestReport } from '../../otlp/options.ts'
import type { Store } from '../../store/store.ts'
import { hasToken } from './bearer.ts'
import type { RequestMetrics } from './request-metrics.ts'

/** What the process listens with. */
export interface OtlpServerOptions {
  readonly host: string
  readonly port: number
  readonly token: string | undefined
  readonly metrics: RequestMetrics
  readonly endpoint: Pick<OtlpHandlerOptions, 'project' | 'maxBytes'>
  readonly onRequest: (report: OtlpRequestReport) => void
}

const limits = {
  // Longer than proxies keep a connection (60 s), so that they do not send into one that closes.
  keepAliveTimeout: 75_000,
  headersTimeout: 10_000,
  // The endpoint gives a body 30 seconds; this ends what got past it.
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
}
const mostConnections = 4_096
/** How long running requests have when the process stops, in milliseconds. */
const drainMs = 10_000

/** The HTTP server of `tracehold serve`: the endpoint, `/health` and `/metrics`. */
export class OtlpServer {
  readonly #store: Store
  readonly #options: OtlpServerOptions
  readonly #endpoint: Endpoint
  readonly #server: Server
  readonly #answerOtlp: NodeOtlpHandler
  readonly #running = new Set<ServerResponse>()
  #isStopping = false

  constructor(store: Store, options: OtlpServerOptions) {
    const { token, endpoint, onRequest } = options
    this.#store = store
    this.#options = options
    this.#endpoint = new Endpoint(store, {
      ...endpoint,
      onRequest,
      authorize: token === undefined ? undefined : ({ headers }) => hasToken(headers.get('authorization'), token),
    })
    this.#answerOtlp = answerByNode(this.#endpoint)
    this.#server = createServer(limits, (request, response) => void this.#answer(request, response))
    this.#server.maxConnections = mostConnections
  }

  /**
   * Begins to listen.
   *
   * @returns its URL
   * @throws the error of Node, such as EADDRINUSE
   */
  async listen(): Promise<string> {
    const { host, port } = this.#options
    this.#server.listen(port, host)
    await once(this.#server, 'listening')
    const { port: actual } = this.#server.address() as AddressInfo
    return `http://${isIPv6(host) ? `[${host}]` : host}:${actual}`
  }

  /** Takes no new request, and answers those that run. */
  async stop(): Promise<void> {
    this.#isStopping = true
    for (const response of this.#running) closeAfter(response)
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeIdleConnections()
    if (!(await settlesWithin(closed, drainMs))) this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#running.add(response)
    response.once('close', () => this.#running.delete(response))
    if (this.#isStopping) closeAfter(response)
    const path = request.url?.split('?', 1)[0]
    if (path === '/health') await this.#health(request, response)
    else if (path === '/metrics') this.#metrics(request, response)
    else await this.#answerOtlp(request, response)
  }

  async #health(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { statusCode, body } = await this.#store.healthReport()
    // A probe has no token. Where there is one, names of hosts are for those who have it.
    const shown = this.#isAllowed(request) ? body : { status: body.status }
    response.writeHead(statusCode, { 'content-type': 'application/json' }).end(JSON.stringify(shown))
  }

  #metrics(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#isAllowed(request)) {
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
      return
    }
    const { active, max } = this.#store.stats()
    const text = this.#options.metrics.text([
      {
        name: 'tracehold_otlp_pending_bytes',
        help: 'Memory of requests that are read or wait for the database.',
        value: this.#endpoint.pendingBytes,
      },
      { name: 'tracehold_pool_connections_used', help: 'Connections to the database in use.', value: active },
      { name: 'tracehold_pool_connections_max', help: 'Connections to the database at most.', value: max },
      { name: 'process_resident_memory_bytes', help: 'Memory of the process.', value: process.memoryUsage.rss() },
    ])
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text)
  }

  #isAllowed({ headers }: IncomingMessage): boolean {
    const { token } = this.#options
    return token === undefined || hasToken(headers.authorization, token)
  }
}

/** A connection that stays open after an answer would get requests while the server stops, and keep it from ending. */
function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close')
}
