import { OtlpServer } from '../src/cli/serve/otlp-server.ts'
import { RequestMetrics } from '../src/cli/serve/request-metrics.ts'
import { openStore } from '../src/index.ts'

/** What the process tells of itself: bytes of memory, and seconds on the processor since it began. */
export interface ServeUsage {
  readonly rss: number
  readonly cpuSeconds: number
}

/** The process of `tracehold serve`, without its access log. It tells its URL, and what it uses when it is asked. */
const store = await openStore(process.env.BENCH_URL)
const metrics = new RequestMetrics()
const server = new OtlpServer(store, {
  host: '127.0.0.1',
  port: 0,
  token: 'token-of-the-bench',
  metrics,
  endpoint: {},
  onRequest: (report) => metrics.observe(report),
})
process.send?.({ url: await server.listen() })
process.on('message', async (asked) => {
  const { user, system } = process.cpuUsage()
  if (asked === 'usage') {
    process.send?.({ rss: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 } satisfies ServeUsage)
  } else {
    await server.stop()
    await store.close()
    process.disconnect()
  }
})
