import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The repository's root directory. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs a program on this terminal, without standard input, and resolves with its exit code. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options })
    const release = outliveInterrupt(child)
    child.once('error', reject)
    child.once('close', (code) => {
      release()
      resolve(code ?? 1)
    })
  })
}

/** Runs a program quietly and resolves with its exit code and everything that it printed. */
export function capture(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options })
    const release = outliveInterrupt(child)
    const chunks = []
    child.stdout.on('data', (chunk) => chunks.push(chunk))
    child.stderr.on('data', (chunk) => chunks.push(chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      release()
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() })
    })
  })
}

/**
 * A script waits for its child when it is told to stop, so that both can clean up. Ctrl-C reaches the child by
 * itself, since a terminal signals the whole group; SIGTERM is handed on.
 */
function outliveInterrupt(child) {
  const ignore = () => {}
  const forward = () => child.kill('SIGTERM')
  process.on('SIGINT', ignore)
  process.on('SIGTERM', forward)
  return () => {
    process.off('SIGINT', ignore)
    process.off('SIGTERM', forward)
  }
}

/** The time since `startMs` (of `performance.now()`) as people read it. */
export function elapsed(startMs) {
  return `${((performance.now() - startMs) / 1000).toFixed(1)} s`
}
