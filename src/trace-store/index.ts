/** The trace stores that need no database: nothing here loads a driver or native code. */
export type { AgentprobeTrace } from '../formats/agentprobe/trace-document.ts'
export {
  type AgentTrace,
  type StepType,
  stepTypes,
  type TraceLine,
  type TraceStep,
} from '../formats/selectools/document.ts'
export { llmDurationMs, toolDurationMs, totalDurationMs } from '../formats/selectools/durations.ts'
export { fromLine, type SavedTrace, toSaved } from '../formats/selectools/saved-trace.ts'
export { newestFirst, summaryOf, type TraceArchive, traceNotFound } from './archive.ts'
export { type CheckedFilter, checkedFilter, fits } from './filter.ts'
export { type JsonlStats, JsonlTraceStore } from './jsonl/jsonl.ts'
export { InMemoryTraceStore, type InMemoryTraceStoreOptions } from './memory.ts'
export { type SaveOnRunEndOptions, saveOnRunEnd } from './save-on-run-end.ts'
export { isTraceStore, type TraceFilter, type TraceStore, type TraceSummary } from './trace-store.ts'
export { exportTraces, importTraces, type TraceImport } from './transfer.ts'
