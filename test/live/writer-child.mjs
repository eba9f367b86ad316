// Writes spans with the built package, a few at a time, once it is told to begin.
import { openStore } from 'tracehold'

const { url, name, spans, batch, ...options } = JSON.parse(process.argv[2])
const store = await openStore(url, options)
process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
for (let n = 0; n < spans; n += batch) {
  const rows = Array.from({ length: Math.min(batch, spans - n) }, (_, i) => ({
    traceId: name,
    spanId: String(n + i).padStart(6, '0'),
    name: 'written elsewhere',
    startTime: new Date(),
  }))
  await store.writers.spans.write(rows)
  process.stdout.write(`${n + rows.length}\n`)
}
await store.close()
process.exit()
