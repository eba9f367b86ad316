#!/usr/bin/env node
import { runCli } from './run-cli.ts'

// `| head` closes the pipe early, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

let interrupt: AbortSignal | undefined

/** Ctrl-C and SIGTERM. They end the process as usual until a command asks for this; a second one ends it in any case. */
function interruptSignal(): AbortSignal {
  const stop = new AbortController()
  const end = () => stop.abort()
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  return stop.signal
}

process.exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  get signal() {
    interrupt ??= interruptSignal()
    return interrupt
  },
})
