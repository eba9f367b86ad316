import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { command } from '../cli/run-process.ts'

/** One run of `tracehold sync FROM TO --once`, as an operator would start it. */
function start(from: string, to: string, progressFile: string) {
  const args = [command, 'sync', from, to, '--once', '--progress-file', progressFile]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk))
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  return { child, ended, errors: () => errors }
}

const textOf = (file: string) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/**
 * Starts the command again and again and kills it, each time when it has kept its progress so many times, and somewhere
 * in the work after that. Answers how many runs were killed before one came to its end.
 */
export async function killSync(
  [from, to, progressFile]: readonly [string, string, string],
  kills: number,
  pagesOf: () => number,
): Promise<number> {
  for (let killed = 0; killed < kills; killed += 1) {
    const run = start(from, to, progressFile)
    const isEnded = run.ended.then(() => true)
    let seen = textOf(progressFile)
    for (let left = pagesOf(); left > 0; ) {
      if (await Promise.race([isEnded, delay(1, false)])) {
        if (run.child.exitCode !== 0) throw new Error(`The sync failed: ${run.errors()}`)
        return killed
      }
      const now = textOf(progressFile)
      if (now !== seen) left -= 1
      seen = now
    }
    run.child.kill('SIGKILL')
    await run.ended
  }
  return kills
}

/** Runs the command to its end. */
export async function finishSync(from: string, to: string, progressFile: string): Promise<void> {
  const run = start(from, to, progressFile)
  if ((await run.ended) !== 0) throw new Error(`The sync failed: ${run.errors()}`)
}
