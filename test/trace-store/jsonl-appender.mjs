// Appends traces to a JSONL store, or deletes and compacts in it, until it is done or killed.
import { JsonlTraceStore } from 'tracehold/trace-store'

const [path, job, name, count] = process.argv.slice(2)
const store = new JsonlTraceStore(path)
const trace = (run_id) => ({ run_id, start_time: 1, steps: [], metadata: { filler: 'x'.repeat(200) } })

process.stdout.write('ready\n')
if (job === 'append') {
  for (let i = 0; i < Number(count); i += 1) await store.save(trace(`${name}-${i}`))
} else {
  for (let i = 0; ; i += 1) {
    await store.save(trace(`doomed-${i % 3}`))
    await store.delete(`doomed-${i % 3}`)
    await store.compact()
  }
}
