// A process that queues rows for a database behind a proxy that falls silent, and closes its store.
import { openStore } from '../../dist/src/index.js'

const [url, rows, deadlineMs] = process.argv.slice(2)
const store = await openStore(url, { writers: { ack: 'queued' } })
await store.traces.list()
await store.writers.spans.write({ traceId: 't', spanId: 'first', name: 'n', startTime: new Date() })
await store.flush()
process.send('ready')
process.once('message', async () => {
  for (let n = 0; n < Number(rows); n += 1) {
    await store.writers.spans.write({ traceId: `t${n % 100}`, spanId: `s${n}`, name: 'n', startTime: new Date() })
  }
  const reads = [store.traces.list(), store.traces.list()].map((read) => read.catch(() => {}))
  const started = performance.now()
  const code = await store.close(Number(deadlineMs)).then(
    () => 'none',
    (error) => error.code,
  )
  const ms = performance.now() - started
  await Promise.all(reads)
  process.send({ code, ms, stats: store.writers.spans.stats() })
  process.disconnect()
})
