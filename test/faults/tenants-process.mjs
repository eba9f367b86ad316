// A process that has many tenants, each of which writes one row, and says what that took.
import { openStore } from '../../dist/src/index.js'

const [url, tenants] = process.argv.slice(2)
const store = await openStore(url, { migrate: true })
let largestRss = 0
let writes = []
for (let n = 0; n < Number(tenants); n += 1) {
  const row = { traceId: 't', spanId: 's', name: 'n', startTime: new Date() }
  writes.push(store.forProject(`tenant ${n}`).writers.spans.write(row))
  if (writes.length === 200) {
    await Promise.all(writes)
    writes = []
    largestRss = Math.max(largestRss, process.memoryUsage.rss())
  }
}
await Promise.all(writes)
largestRss = Math.max(largestRss, process.memoryUsage.rss())
const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'Immediate').length
await store.close()
process.send({ largestRss, timers })
process.disconnect()
