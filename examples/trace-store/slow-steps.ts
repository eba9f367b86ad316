// The slowest steps of runs that took many.
//   node build/trace-store/slow-steps.js runs.jsonl 10 500
import { JsonlTraceStore } from 'tracehold/trace-store'

const [path = 'runs.jsonl', minSteps = '10', slowMs = '500'] = process.argv.slice(2)

const store = new JsonlTraceStore(path)
const found: { run: string; step: number; type: string; ms: number }[] = []
for (const { run_id } of await store.query({ min_steps: Number(minSteps) })) {
  const { steps } = await store.load(run_id)
  steps.forEach(({ type, duration_ms = 0 }, step) => {
    if (duration_ms >= Number(slowMs)) found.push({ run: run_id, step, type, ms: duration_ms })
  })
}
console.log(JSON.stringify(found.sort((a, b) => b.ms - a.ms)))
