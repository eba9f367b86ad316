// Writes spans one by one with the built package, and prints what its writer counted.
//   node write-spans.mjs URL COUNT
import { openStore } from '../../../dist/src/index.js'

const [url, count] = process.argv.slice(2)
const store = await openStore(url)
for (let n = 0; n < Number(count); n += 1) {
  await store.writers.spans.write({ traceId: 't', spanId: `s${n}`, name: 'n', startTime: new Date() })
}
console.log(JSON.stringify(store.writers.spans.stats()))
await store.close()
