/** A failure that the command itself found: one line of what is wrong, and what to do about it. */
export class CommandError extends Error {
  /** What to do next. */
  readonly nextStep: string | undefined
  /** The exit code: 1 for a failure, 2 for a wrong call. */
  readonly exitCode: number

  constructor(message: string, options: { nextStep?: string; exitCode?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CommandError'
    this.nextStep = options.nextStep
    this.exitCode = options.exitCode ?? 1
  }
}
