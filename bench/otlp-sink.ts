import { createServer } from 'node:http'

// A process of its own, so that its work is not counted: an OTLP endpoint that reads everything and keeps nothing.
const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
})
server.listen(0, '127.0.0.1', () => process.send?.(server.address()))
process.on('disconnect', () => process.exit())
