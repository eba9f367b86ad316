import { onTestFinished } from 'vitest'
import { type CommandResult, type RunOptions, runCommand } from './run-command.ts'

/** A running `tracehold serve`. */
export interface Served {
  /** Where it listens. */
  readonly base: string
  /** The lines of standard output so far. */
  lines(): string[]
  /** Ends it as a signal does. */
  stop(): Promise<CommandResult>
}

const listening = /Taking OTLP at (\S+),/

/** Starts `tracehold serve` in this process, on a free port. It ends after the test, where the test does not end it. */
export async function runServe(args: readonly string[], options: RunOptions = {}): Promise<Served> {
  const end = new AbortController()
  let output = ''
  let notes = ''
  let tell: (base: string) => void = () => {}
  const heard = new Promise<string>((resolve) => {
    tell = resolve
  })
  const ended = runCommand(['serve', '--port', '0', ...args], {
    ...options,
    signal: end.signal,
    onOutput(text) {
      output += text
    },
    onNote(text) {
      notes += text
      const base = listening.exec(notes)?.[1]
      if (base !== undefined) tell(base)
    },
  })
  const stop = () => {
    end.abort()
    return ended
  }
  onTestFinished(async () => {
    await stop()
  })
  const failed = ended.then(({ stderr }) => {
    throw new Error(`tracehold serve ended: ${stderr}`)
  })
  failed.catch(() => {})
  const base = await Promise.race([heard, failed])
  return { base, lines: () => output.split('\n').slice(0, -1), stop }
}
