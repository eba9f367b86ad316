import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { Bench, BenchOptions, Section } from './bench.ts'
import { interleave } from './interleave.ts'
import { otlpRequests } from './otlp-requests.ts'
import { openPostgresDatabase, type PostgresDatabase } from './postgres-database.ts'
import { comparison, whole } from './report.ts'
import { parsedSpans } from './rows.ts'
import type { ServeUsage } from './serve-child.ts'

const clients = 8

/** Batches of 512 spans in protobuf from eight clients, against the same spans from objects. */
export const serveBench: Bench = {
  name: 'serve',
  about:
    'tracehold serve on PostgreSQL: 8 clients that send 512 spans at a time in protobuf, against bulk() of objects',
  async run(options) {
    const spans = parsedSpans(options.rows)
    const requests = await otlpRequests(spans)
    return withServer(async (database, { post, usage }) => {
      const traces = new Set(spans.map(({ traceId }) => traceId)).size
      const common = {
        rows: spans.length,
        prepare: () => database.empty(),
        verify: () => database.expectRows(spans.length, traces),
      }
      const measured = await interleave(
        [
          {
            ...common,
            id: 'serve',
            about: `${clients} clients, ${requests.length} requests`,
            async run() {
              const before = (await usage()).cpuSeconds
              await sendAll(requests, post)
              const cpuSeconds = (await usage()).cpuSeconds - before
              options.log(
                `the server took ${((cpuSeconds * 1e6) / spans.length).toFixed(1)} us of processor time a row`,
              )
              return undefined
            },
          },
          {
            ...common,
            id: 'bulk',
            about: 'bulk() of the spans as objects',
            run: async () => void (await database.store.writers.spans.bulk(spans)),
          },
        ],
        options,
      )
      return [comparison('OTLP requests into PostgreSQL', measured, ['bulk'])]
    })
  },
}

const millionRows = 1_000_000
const slice = 100_000

/** The memory of the process while a million spans go through it. */
export const serveMemoryBench: Bench = {
  name: 'serve-memory',
  about: 'the memory of tracehold serve after each hundred thousand of a million spans',
  onRequest: true,
  run: ({ log }: BenchOptions) =>
    withServer(async (database, { post, usage }): Promise<Section[]> => {
      const megabytes = async () => whole((await usage()).rss / 1024 / 1024)
      const table = [
        ['spans', 'MiB'],
        ['0', await megabytes()],
      ]
      for (let from = 0; from < millionRows; from += slice) {
        await sendAll(await otlpRequests(parsedSpans(slice, from)), post)
        table.push([whole(from + slice), await megabytes()])
        log(`${from + slice} spans  ${table.at(-1)?.[1]} MiB`)
      }
      await database.expectRows(millionRows)
      return [{ title: 'Memory of tracehold serve', table, ratios: {} }]
    }),
}

/** A server in a process of its own. */
interface ServeProcess {
  post(body: Uint8Array): Promise<void>
  usage(): Promise<ServeUsage>
}

async function withServer<T>(work: (database: PostgresDatabase, server: ServeProcess) => Promise<T>): Promise<T> {
  const database = await openPostgresDatabase()
  const program = fileURLToPath(new URL('./serve-child.js', import.meta.url))
  const child = fork(program, [], { execArgv: [], env: { ...process.env, BENCH_URL: database.url } })
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  try {
    const { url } = await answerOf<{ url: string }>(child)
    return await work(database, {
      post: (body) => post(`${url}/v1/traces`, agent, body),
      usage() {
        const answer = answerOf<ServeUsage>(child)
        child.send('usage')
        return answer
      },
    })
  } finally {
    agent.destroy()
    const ended = once(child, 'exit')
    if (child.connected) child.send('stop')
    if (child.exitCode === null) await ended
    await database.close()
  }
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const settled = new AbortController()
  const { signal } = settled
  const failed = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`The process of the server ended with code ${code}.`)
  })
  failed.catch(() => {})
  try {
    const [answer] = await Promise.race([once(child, 'message', { signal }), failed])
    return answer as T
  } finally {
    // Otherwise every question leaves its listeners behind.
    settled.abort()
  }
}

/** Every client sends its next request when the one before is answered. */
async function sendAll(requests: readonly Uint8Array[], send: (body: Uint8Array) => Promise<void>): Promise<void> {
  const left = requests.values()
  const client = async () => {
    for (const body of left) await send(body)
  }
  await Promise.all(Array.from({ length: clients }, client))
}

function post(url: string, agent: Agent, body: Uint8Array): Promise<void> {
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-length': body.length,
    authorization: 'Bearer token-of-the-bench',
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 200) resolve()
        else reject(new Error(`The server answered with ${answer.statusCode}.`))
      })
    })
    sent.once('error', reject).end(body)
  })
}
