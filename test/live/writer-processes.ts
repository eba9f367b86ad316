import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { StoreOptions } from '../../src/index.ts'

const program = fileURLToPath(new URL('writer-child.mjs', import.meta.url))

/** What a process writes, and with which store. */
export interface WriterOptions extends Pick<StoreOptions, 'redis' | 'live' | 'projectId'> {
  url: string
  /** The trace that it writes. */
  name: string
  spans: number
  /** Spans of one write. */
  batch: number
}

/** A process that writes spans with the built package. */
export class WriterProcess {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #written = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#ended = once(child, 'exit')
  }

  /** Starts one, which waits until it is told to write. */
  static async start(options: WriterOptions): Promise<WriterProcess> {
    const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] })
    const writer = new WriterProcess(child)
    const lines = createInterface({ input: child.stdout })
    const first = once(lines, 'line')
    await Promise.race([first, writer.#ended.then(() => Promise.reject(new Error('the writer ended at once')))])
    lines.on('line', (line) => {
      writer.#written = Number(line)
    })
    return writer
  }

  /** Spans that it has been told are stored. */
  get written(): number {
    return this.#written
  }

  write(): void {
    this.#child.stdin?.write('go\n')
  }

  async end(): Promise<void> {
    await this.#ended
  }
}
