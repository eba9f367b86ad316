import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * What becomes of a chunk: `pass` hands it on, `drop` swallows it while the connection stays open, `cut` swallows it
 * and breaks the connection.
 */
export type Verdict = 'pass' | 'drop' | 'cut'

/** Judges a chunk before it is handed on. `link` is one object per connection, to keep state by. */
export type ChunkHook = (chunk: Buffer, link: object) => Verdict

/** Of a target whose URL names none: PostgreSQL's. */
const defaultPort = 5432

interface Link {
  client: Socket
  server: Socket
}

/**
 * A TCP proxy in front of a server, for faults on the wire. It hands bytes on in both directions, until a test cuts the
 * connections, lets them fall silent, or judges their chunks with a hook.
 */
export class TcpProxy {
  /** Judges what the server sends. */
  onServerData: ChunkHook | undefined
  /** Judges what clients send. */
  onClientData: ChunkHook | undefined
  /** The target's URL with the proxy's host and port in it. */
  readonly url: string
  readonly port: number

  readonly #listener: Server
  readonly #links = new Set<Link>()
  #silent = false

  private constructor(listener: Server, target: URL) {
    this.#listener = listener
    this.port = (listener.address() as AddressInfo).port // null and string are for sockets of other kinds
    const url = new URL(target)
    url.host = `127.0.0.1:${this.port}`
    this.url = url.href
    const port = Number(target.port || defaultPort)
    listener.on('connection', (client) => this.#open(client, connect(port, target.hostname)))
  }

  /** Opens a proxy on a free port, to the host and port of a URL such as a database's. */
  static async open(targetUrl: string): Promise<TcpProxy> {
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    return new TcpProxy(listener, new URL(targetUrl))
  }

  /** The number of open connections. */
  get connections(): number {
    return this.#links.size
  }

  /** Breaks every open connection, as a reset seen by both ends. New ones are served as before. */
  cutAll(): void {
    for (const link of this.#links) this.#cut(link)
  }

  /** From now on nothing is handed on in either direction, and no connection closes: what a lost network looks like. */
  blackhole(): void {
    this.#silent = true
    for (const { client, server } of this.#links) {
      client.pause()
      server.pause()
    }
  }

  /** Ends a black hole. What was sent meanwhile arrives now. */
  resume(): void {
    this.#silent = false
    for (const { client, server } of this.#links) {
      client.resume()
      server.resume()
    }
  }

  /** Breaks every connection and stops listening. */
  async close(): Promise<void> {
    this.cutAll()
    this.#listener.close()
    await once(this.#listener, 'close')
  }

  #open(client: Socket, server: Socket): void {
    const link = { client, server }
    this.#links.add(link)
    this.#forward(link, client, server, () => this.onClientData)
    this.#forward(link, server, client, () => this.onServerData)
  }

  #forward(link: Link, from: Socket, to: Socket, hook: () => ChunkHook | undefined): void {
    from.setNoDelay()
    from.on('data', (chunk: Buffer) => {
      const verdict = hook()?.(chunk, link) ?? 'pass'
      if (verdict === 'cut') this.#cut(link)
      if (verdict === 'pass' && !to.write(chunk)) from.pause()
    })
    to.on('drain', () => {
      if (!this.#silent) from.resume()
    })
    from.once('end', () => to.end())
    from.on('error', () => this.#cut(link))
    from.once('close', () => {
      if (to.destroyed) this.#links.delete(link)
    })
    if (this.#silent) from.pause()
  }

  #cut({ client, server }: Link): void {
    for (const socket of [client, server]) if (!socket.destroyed) socket.resetAndDestroy()
  }
}

/**
 * A hook that breaks the connection in place of handing on the chunk that completes `pattern`, up to `times` times.
 * `proxy.onServerData = cutAt('COMMIT')` loses the reply of a commit that PostgreSQL has made.
 */
export function cutAt(pattern: string, times = 1): ChunkHook {
  const tails = new WeakMap<object, Buffer>()
  let left = times
  return (chunk, link) => {
    // A pattern may be spread over chunks: look at the end of those before as well.
    const seen = Buffer.concat([tails.get(link) ?? Buffer.alloc(0), chunk])
    if (left > 0 && seen.includes(pattern)) {
      left -= 1
      return 'cut'
    }
    tails.set(link, seen.subarray(-(Buffer.byteLength(pattern) - 1) || seen.length))
    return 'pass'
  }
}
