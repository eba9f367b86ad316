// An agent that saves the trace of each run when it ends. A store that fails does not break the run.
//   node build/trace-store/observer.js runs.jsonl
import { randomUUID } from 'node:crypto'
import { type AgentTrace, JsonlTraceStore, saveOnRunEnd, type TraceStep } from 'tracehold/trace-store'

const store = new JsonlTraceStore(process.argv[2] ?? 'runs.jsonl')
const onRunEnd = saveOnRunEnd(store, { onError: (error) => console.error('The trace was not saved:', error) })

/** Stands for an agent of yours. */
async function run(question: string): Promise<string> {
  const seconds = () => Date.now() / 1000
  const steps: TraceStep[] = []
  const trace: AgentTrace = { run_id: randomUUID(), start_time: seconds(), metadata: { question }, steps }
  steps.push({ type: 'llm_call', timestamp: seconds(), duration_ms: 12.5, model: 'gpt-4o', step_number: 0 })
  steps.push({ type: 'tool_execution', timestamp: seconds(), duration_ms: 3, tool_name: 'search', step_number: 1 })
  await onRunEnd(trace)
  return `You asked: ${question}`
}

console.log(await run('Is the flight on time?'))
console.log(JSON.stringify(await store.list(1)))
