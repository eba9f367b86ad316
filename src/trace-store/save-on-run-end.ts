import type { AgentTrace } from '../formats/selectools/document.ts'
import type { TraceStore } from './trace-store.ts'

/** Options of the observer. */
export interface SaveOnRunEndOptions {
  /** Called when a trace could not be saved. @default the error is ignored */
  onError?: ((error: unknown, trace: AgentTrace) => void) | undefined
}

/**
 * What an agent calls at the end of a run: saves its trace, and never breaks the run. Resolves to the run's id, or to
 * undefined when the trace could not be saved.
 *
 * @example
 * const onRunEnd = saveOnRunEnd(store, { onError: (error) => console.error(error) })
 * await onRunEnd(trace)
 */
export function saveOnRunEnd(
  store: TraceStore,
  { onError }: SaveOnRunEndOptions = {},
): (trace: AgentTrace) => Promise<string | undefined> {
  return async (trace) => {
    try {
      return await store.save(trace)
    } catch (error) {
      try {
        onError?.(error, trace)
      } catch {
        // Not even an observer of the observer may break the run.
      }
      return undefined
    }
  }
}
