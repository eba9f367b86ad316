/** What a store does when the process is asked to end. */
export interface CloseOnSignals {
  /** How long closing may take, in milliseconds: less than what the supervisor waits before it kills. @default 8000 */
  deadlineMs?: number | undefined
}

const defaultDeadlineMs = 8_000
const signals = ['SIGTERM', 'SIGINT'] as const

/**
 * Closes at the first SIGTERM or SIGINT, and lets the signal end the process afterwards. A second signal ends it at
 * once. Where the program has listeners of its own, ending the process is left to them.
 *
 * @returns what stops waiting for signals
 */
export function closeOnSignals(
  close: (deadlineMs: number) => Promise<void>,
  { deadlineMs = defaultDeadlineMs }: CloseOnSignals,
): () => void {
  const stop = () => {
    for (const signal of signals) process.off(signal, onSignal)
  }
  const onSignal = (signal: NodeJS.Signals) => {
    stop()
    const end = () => {
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
    }
    close(deadlineMs).then(end, (error: unknown) => {
      const reason = error instanceof Error ? error.message : 'unknown'
      process.emitWarning(`Closing the store at ${signal} failed: ${reason}`, 'TraceholdWarning')
      // The warning is written in the next turn.
      setImmediate(end)
    })
  }
  for (const signal of signals) process.on(signal, onSignal)
  return stop
}
