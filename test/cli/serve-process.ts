import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { command } from './run-process.ts'

/** `tracehold serve` as a process of its own. */
export interface ServeProcess {
  /** Where it listens. */
  readonly base: string
  /** Sends a signal, and answers with its exit code once it has ended. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts the built command on a free port. It is killed after the test, where it has not ended. */
export async function serveProcess(args: readonly string[], env: Record<string, string> = {}): Promise<ServeProcess> {
  const child = spawn(process.execPath, [command, 'serve', '--port', '0', '--no-access-log', ...args], {
    env: { PATH: process.env.PATH, TZ: 'UTC', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  let notes = ''
  const base = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (text: Buffer) => {
      notes += text
      const found = /Taking OTLP at (\S+),/.exec(notes)?.[1]
      if (found !== undefined) resolve(found)
    })
    ended.then(() => reject(new Error(`tracehold serve ended: ${notes}`)), reject)
  })
  return {
    base,
    async end(signal) {
      child.kill(signal)
      const [code] = await ended
      return code as number | null
    },
  }
}
