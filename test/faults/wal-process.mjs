// A process that stores rows in as many transactions, or reads until it is told to end; each counts what failed.
import { openStore } from '../../dist/src/index.js'

const [url, role, transactions] = process.argv.slice(2)
const failures = []
const attempt = async (work) => {
  try {
    await work()
  } catch (error) {
    failures.push(error.message)
  }
}
let isOver = false
process.on('message', () => {
  isOver = true
})
let store
await attempt(async () => {
  store = await openStore(url, { writers: { onError: ({ message }) => failures.push(message) } })
})
const attributes = { text: 'x'.repeat(1_000) }
let reads = 0
for (let n = 0; store && role !== 'reader' && n < Number(transactions); n += 1) {
  const span = { traceId: `${role}-${n % 500}`, spanId: `s${n}`, name: 'n', startTime: new Date(), attributes }
  await attempt(() => store.writers.spans.write(span))
}
while (store && role === 'reader' && !isOver) {
  await attempt(() => store.spans.list({ limit: 100 }))
  reads += 1
  await new Promise(setImmediate)
}
await attempt(() => store.close())
process.send({ failures, reads })
process.disconnect()
