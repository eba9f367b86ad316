// A small service that runs an agent, saves the trace after each run, and serves what was saved.
//   POST /runs {"question": …}   GET /runs?limit=20&offset=0   GET /runs/ID   POST /query {"metadata_match": …}
//   node build/trace-store/http-service.js sqlite:traces.db 8080
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { DatabaseTraceStore, openStore, StorageError, saveOnRunEnd } from 'tracehold'

const [url = 'sqlite:traces.db', port = '8080'] = process.argv.slice(2)
const store = await openStore(url, { migrate: true })
const traces = new DatabaseTraceStore(store)
const onRunEnd = saveOnRunEnd(traces, { onError: console.error })

async function answer(request: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://service')
  const [collection, id] = pathname.split('/').slice(1).map(decodeURIComponent)
  switch (`${request.method} /${collection}`) {
    case 'POST /runs': {
      const metadata = (await json(request)) as Record<string, unknown>
      const start_time = Date.now() / 1000
      const steps = [{ type: 'llm_call', timestamp: start_time, duration_ms: 5, model: 'gpt-4o', prompt_tokens: 9 }]
      return { run_id: await onRunEnd({ run_id: randomUUID(), start_time, metadata, steps }) }
    }
    case 'GET /runs':
      if (id) return traces.load(id)
      return traces.list(Number(searchParams.get('limit') ?? 50), Number(searchParams.get('offset') ?? 0))
    case 'POST /query':
      return traces.query((await json(request)) as object)
    default:
      throw new StorageError('not_found', `There is no ${pathname}`)
  }
}

const server = createServer((request, response) => {
  const send = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  answer(request).then(
    (body) => send(200, body),
    (error: unknown) => {
      const code = error instanceof StorageError ? error.code : error instanceof SyntaxError ? 'validation' : 'internal'
      const status = { not_found: 404, validation: 400 }[code as string] ?? 500
      send(status, { error: status === 500 ? 'It did not work.' : (error as Error).message })
    },
  )
})
server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address()
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : port}`)
})

process.once('SIGTERM', () => server.close(() => void store.close()))
