import { Readable, Writable } from 'node:stream'
import type { CliIo } from '../../src/cli/io.ts'
import { runCli } from '../../src/cli/run-cli.ts'

/** What a run of the command came to. */
export interface CommandResult {
  code: number | null
  stdout: string
  stderr: string
  /** Standard output as JSON. */
  json<T>(): T
}

export interface RunOptions {
  /** What the command reads from standard input. */
  input?: string
  cwd?: string
  env?: Record<string, string>
  /** Ends a command that runs until it is stopped. */
  signal?: AbortSignal
  /** Gets standard output, piece by piece. */
  onOutput?: (text: string) => void
  /** Gets standard error, piece by piece. */
  onNote?: (text: string) => void
  /** A terminal of so many columns. @default no terminal */
  columns?: number
}

/** Runs the command in this process, away from the process's own configuration, and without a terminal. */
export async function runCommand(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const { input = '', cwd = process.cwd(), env = {}, onOutput, onNote, columns } = options
  const [stdout, stderr] = [new TextStream(columns, onOutput), new TextStream(columns, onNote)]
  const io: CliIo = {
    stdin: Readable.from(input === '' ? [] : [Buffer.from(input)]),
    stdout,
    stderr,
    env,
    cwd,
    signal: options.signal ?? new AbortController().signal,
  }
  const code = await runCli(args, io)
  return resultOf(code, stdout.text(), stderr.text())
}

/** What a run came to. */
export const resultOf = (code: number | null, stdout: string, stderr: string): CommandResult => ({
  code,
  stdout,
  stderr,
  json: () => JSON.parse(stdout),
})

/** Keeps what is written to it. */
export class TextStream extends Writable {
  readonly isTTY: boolean
  readonly columns: number
  readonly #chunks: Buffer[] = []
  readonly #onText: ((text: string) => void) | undefined

  constructor(columns?: number, onText?: (text: string) => void) {
    super()
    this.isTTY = columns !== undefined
    this.columns = columns ?? 80
    this.#onText = onText
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk)
    this.#onText?.(chunk.toString())
    done()
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString()
  }
}
