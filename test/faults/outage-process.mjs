// A process that writes rows at a rate, whatever the database does, and says what it was told and what memory it took.
import { setTimeout as delay } from 'node:timers/promises'
import { openStore } from '../../dist/src/index.js'

const [url, ack, rowsPerSecond, seconds, queueBytes] = process.argv.slice(2)
const store = await openStore(url, { writers: { ack, queueBytes: Number(queueBytes) } })
const batchesPerSecond = 20
const rows = Number(rowsPerSecond) / batchesPerSecond
const attributes = { text: 'x'.repeat(500) }
const live = () => {
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
const before = live()
let mostLive = before
let mostRss = 0
const failures = []
const writes = new Set()
let acknowledged = 0
process.send('begun')
const started = performance.now()
for (let batch = 0; batch < Number(seconds) * batchesPerSecond; batch += 1) {
  const spans = Array.from({ length: rows }, (_, n) => ({
    traceId: `t${batch}`,
    spanId: `${batch} ${n}`,
    name: 'n',
    startTime: new Date(),
    attributes,
  }))
  const write = store.writers.spans.write(spans).then(
    () => {
      acknowledged += rows
    },
    (error) => failures.push(error.message),
  )
  // One who waits for an acknowledgment has so many calls open, and no more: what they hold is the caller's own.
  writes.add(write)
  write.finally(() => writes.delete(write))
  if (writes.size >= 20) await Promise.race(writes)
  if (batch % batchesPerSecond === 0) {
    mostLive = Math.max(mostLive, live())
    mostRss = Math.max(mostRss, process.memoryUsage.rss())
  }
  await delay(Math.max(0, started + (batch * 1_000) / batchesPerSecond - performance.now()))
}
await Promise.all(writes)
await store.close(120_000)
process.send({ acknowledged, failures, mostLive: mostLive - before, mostRss, stats: store.writers.spans.stats() })
process.disconnect()
