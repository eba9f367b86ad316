// The runs that were saved in a month, as a file that selectools reads.
//   node build/trace-store/monthly-export.js sqlite:traces.db 2026-11 november.jsonl
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { DatabaseTraceStore, openStore } from 'tracehold'
import { exportTraces } from 'tracehold/trace-store'

const [url = 'sqlite:traces.db', month = '2026-11', file = `${month}.jsonl`] = process.argv.slice(2)

const since = new Date(`${month}-01T00:00:00Z`)
const next = new Date(since)
next.setUTCMonth(next.getUTCMonth() + 1)
const until = new Date(next.getTime() - 1)

const store = await openStore(url, { migrate: true })
try {
  await pipeline(exportTraces(new DatabaseTraceStore(store), { filter: { since, until } }), createWriteStream(file))
} finally {
  await store.close()
}
