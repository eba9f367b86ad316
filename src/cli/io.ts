import { resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import pc from 'picocolors'

/** A stream that may be a terminal. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** What a run of the command is given. `main.ts` gives it what the process has; a test gives it streams of its own. */
export interface CliIo {
  readonly stdin: Readable
  /** Takes results. On a terminal they are as wide as it is, and have colours. */
  readonly stdout: OutputStream
  /** Takes notes, errors and progress. */
  readonly stderr: OutputStream
  readonly env: Readonly<NodeJS.Dict<string>>
  /** The folder that relative paths start from, and that has `.env` and the configuration file. */
  readonly cwd: string
  /** Ends commands that run until they are stopped. Others never read it: an interrupt ends them as it ends any process. */
  readonly signal: AbortSignal
}

export type Colors = ReturnType<typeof pc.createColors>

/** How a command reads, writes and ends: the only way to the process that runs it. */
export class CommandIo {
  readonly stdin: Readable
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: Readonly<NodeJS.Dict<string>>
  readonly cwd: string
  /** Whether errors show where they come from. */
  readonly isDebugging: boolean
  /** Colours for results. */
  readonly colors: Colors
  /** Colours for notes and errors. */
  readonly noteColors: Colors
  /** What the run ends with. A command that found something wrong sets it to 1. */
  exitCode = 0
  readonly #given: CliIo

  constructor(args: readonly string[], given: CliIo) {
    this.stdin = given.stdin
    this.stdout = given.stdout
    this.stderr = given.stderr
    this.env = given.env
    this.cwd = given.cwd
    // Read from the arguments, since an error may come before they are parsed.
    this.isDebugging = Boolean(given.env.TRACEHOLD_DEBUG) || args.includes('--debug')
    this.colors = pc.createColors(hasColors(given.stdout, given.env))
    this.noteColors = pc.createColors(hasColors(given.stderr, given.env))
    this.#given = given
  }

  /** Aborted when the command is told to end. */
  get signal(): AbortSignal {
    return this.#given.signal
  }

  /** Columns that results may take: the terminal's, or undefined where there is none. */
  get width(): number | undefined {
    return this.stdout.isTTY ? this.stdout.columns : undefined
  }

  /** The full path of a file that somebody named. */
  path(file: string): string {
    return resolve(this.cwd, file)
  }

  /** Prints a result for people. */
  print(text: string): void {
    this.stdout.write(`${text}\n`)
  }

  /** Prints a result for programs. */
  printJson(value: unknown): void {
    this.print(JSON.stringify(value, null, 2))
  }

  /** Prints what is no part of the result, so that a pipe does not get it. */
  note(text: string): void {
    this.stderr.write(`${text}\n`)
  }
}

/** None in a pipe or with NO_COLOR, and always with FORCE_COLOR. */
function hasColors({ isTTY }: OutputStream, { NO_COLOR, FORCE_COLOR, TERM }: CliIo['env']): boolean {
  if (NO_COLOR) return false
  return Boolean(FORCE_COLOR) || (isTTY === true && TERM !== 'dumb')
}
