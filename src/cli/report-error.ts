import { inspect } from 'node:util'
import { ConfigError, ConnectionError, StorageError } from '../errors.ts'
import { CommandError } from './command-error.ts'
import type { CommandIo } from './io.ts'

/** Prints an error as one line and the next step. The stack is shown only with --debug. */
export function reportError(io: CommandIo, error: unknown, { prefix = '' } = {}): void {
  const lead = io.noteColors.red('tracehold:')
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof CommandError || error instanceof StorageError) {
    io.note(`${lead} ${prefix && `${prefix}: `}${listsFaults(error) ? message : oneLine(message)}`)
  } else {
    io.note(`${lead} ${prefix && `${prefix}: `}an unexpected error: ${oneLine(message)}`)
    if (!io.isDebugging) io.note('This is a defect of tracehold. Run it again with --debug, and report what it shows.')
  }
  const nextStep = error instanceof CommandError ? error.nextStep : nextStepFor(error)
  if (nextStep) io.note(nextStep)
  if (io.isDebugging) io.note(io.noteColors.dim(inspect(error)))
}

/** Whether a message has the faults of a configuration, each on its line. */
const listsFaults = (error: Error) =>
  [error, error.cause].some((each) => each instanceof ConfigError && each.faults.length > 1)

const nextStepFor = (error: unknown) =>
  error instanceof ConnectionError ? 'Check the connection: tracehold doctor' : undefined

/** The exit code after an error: 2 for a wrong call, else 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode
  return error instanceof StorageError && error.code === 'validation' ? 2 : 1
}

const oneLine = (text: string) => text.replace(/\s*\n\s*/g, ' ')
