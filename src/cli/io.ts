import { resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import pc from 'picocolors'

/** A stream that may be a terminal. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** The surroundings of one run of the command. `main.ts` passes those of the process, a test passes its own streams. */
export interface CliIo {
  readonly stdin: Readable
  /** Receives results. A terminal gets them in its width and with colours. */
  readonly stdout: OutputStream
  /** Receives notes, errors and progress. */
  readonly stderr: OutputStream
  readonly env: Readonly<NodeJS.Dict<string>>
  /** The folder of `.env` and of the configuration file, and the start of relative paths. */
  readonly cwd: string
  /** Ends commands that run until they are stopped. Others never read it, and an interrupt ends the process as usual. */
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
  /** Whether errors show their stack. */
  readonly isDebugging: boolean
  /** Colours for results. */
  readonly colors: Colors
  /** Colours for notes and errors. */
  readonly noteColors: Colors
  /** The exit code. A command that found something wrong sets it to 1. */
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

  /** Aborted when the command must end. */
  get signal(): AbortSignal {
    return this.#given.signal
  }

  /** The columns of the terminal; undefined without a terminal. */
  get width(): number | undefined {
    return this.stdout.isTTY ? this.stdout.columns : undefined
  }

  /** The full path of a file that the user named. */
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

  /** Prints a note, which is no part of the result: a pipe does not get it. */
  note(text: string): void {
    this.stderr.write(`${text}\n`)
  }
}

/** None in a pipe or with NO_COLOR, and always with FORCE_COLOR. */
function hasColors({ isTTY }: OutputStream, { NO_COLOR, FORCE_COLOR, TERM }: CliIo['env']): boolean {
  if (NO_COLOR) return false
  return Boolean(FORCE_COLOR) || (isTTY === true && TERM !== 'dumb')
}
