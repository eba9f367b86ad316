import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'

/** A request as a server of ClickHouse's HTTP interface sees it. */
export interface Request {
  readonly statement: string
  readonly body: string
  readonly database: string | null
  readonly authorization: string | undefined
}

/** A server that answers every statement as it is told, for replies that a real engine gives only in trouble. */
export async function startFakeClickHouse(answer: (request: Request) => { code: number; text: string } | undefined) {
  const requests: Request[] = []
  const server = createServer(async (incoming, outgoing) => {
    const url = new URL(incoming.url ?? '', 'http://server')
    const zipped = incoming.headers['content-encoding'] === 'gzip'
    const body = await text(zipped ? incoming.pipe(createGunzip()) : incoming)
    const query = url.searchParams.get('query')
    const request = {
      statement: query ?? body,
      body: query === null ? '' : body,
      database: url.searchParams.get('database'),
      authorization: incoming.headers.authorization,
    }
    requests.push(request)
    const refusal = answer(request)
    if (refusal) outgoing.writeHead(500, { 'x-clickhouse-exception-code': String(refusal.code) }).end(refusal.text)
    else outgoing.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
