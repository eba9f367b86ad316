// Keeps what OTLP exporters send, byte for byte.
import { createServer } from 'node:http'

/** Starts a receiver on loopback; each request is kept with its headers and its body in base64. */
export async function startReceiver() {
  const requests = []
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const { 'content-type': contentType, 'content-encoding': contentEncoding } = request.headers
    requests.push({ path: request.url, contentType, contentEncoding, body: Buffer.concat(chunks).toString('base64') })
    response.writeHead(200, { 'content-type': contentType })
    response.end(contentType === 'application/json' ? '{"partialSuccess":{}}' : '')
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

/** Sends `records` by the exporter, and resolves when the receiver has answered. */
export async function sendBy(exporter, records) {
  const { code, error } = await new Promise((resolve) => exporter.export(records, resolve))
  await exporter.shutdown()
  if (code !== 0) throw error ?? new Error('The exporter failed.')
}
