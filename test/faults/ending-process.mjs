// A process that queues one row and ends: by itself, by a signal or by process.exit.
import { openStore } from '../../dist/src/index.js'

const [url, way] = process.argv.slice(2)
const writers = { ack: 'queued', maxAgeMs: way === 'clean' ? 300 : 60_000, keepProcessAlive: way !== 'let go' }
const store = await openStore(url, { writers, closeOnSignals: true })
await store.writers.spans.write({ traceId: 't', spanId: way, name: 'n', startTime: new Date() })
if (way === 'exit') process.exit(0)
if (way === 'SIGTERM') process.kill(process.pid, way)
