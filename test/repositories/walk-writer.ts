import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('walk-writer.mjs', import.meta.url))

/** A process that writes among the traces of a walk. */
export interface WalkWriter {
  /** Settles when something is written; fails when the process ends before. */
  readonly firstBatch: Promise<unknown>
  /** Ends it. Answers how many spans it has written. */
  stop(): Promise<number>
}

/** Starts it; it writes until it is stopped. */
export function startWriter(url: string, { traceCount, start }: { traceCount: number; start: number }): WalkWriter {
  const child = spawn(process.execPath, [program, url, String(traceCount), String(start)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let written = 0
  child.stdout.on('data', (text: Buffer) => {
    written = Number(text.toString().trim().split('\n').at(-1))
  })
  const ended = once(child, 'close')
  const endedEarly = ended.then(([code]) => {
    if (written === 0) throw new Error(`The writer ended with ${code} before it wrote anything.`)
  })
  return {
    firstBatch: Promise.race([once(child.stdout, 'data'), endedEarly]),
    async stop() {
      child.stdin.end()
      const [code] = await ended
      if (code !== 0) throw new Error(`The writer ended with ${code}.`)
      return written
    },
  }
}
